// When letters died: what began when, and a part of that time as a filter.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get} from '../../api.js';
import {Fresh} from '../../fresh.js';
import {duration} from '../../format.js';
import {go} from '../../router.js';
import {asked} from '../../parts/filters.js';
import '../../parts/chart.js';

const PAGE = 'dead-letters';

class LetterTimes extends Part {
  static properties = {query: {}, deaths: {state: true}};

  fresh = new Fresh(this, async signal => {
    const {cursor, ...filter} = asked(this.query);
    this.deaths = await get('system/dead-letters/counts', filter, signal);
  }, event => event.type === 'call' && (event.status === 'dead' || event.generation > 1));

  updated(changed) {
    if (changed.get('query')) {
      this.fresh.now();
    }
  }

  render() {
    const deaths = this.deaths;
    return deaths?.counts.length > 0
      ? html`<time-chart class="short" label="Died in each ${duration(deaths.stepSeconds)}" ending="the last" .from=${deaths.from}
          .step=${deaths.stepSeconds} .lines=${[{word: 'letters', values: deaths.counts}]}
          @taken=${event => go(PAGE, {...this.query, ...event.detail, age: '', cursor: ''})}></time-chart>`
      : nothing;
  }
}

customElements.define('letter-times', LetterTimes);

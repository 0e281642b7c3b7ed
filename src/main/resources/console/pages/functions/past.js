// How a function went: its calls, how long they took and waited, and what its queue did meanwhile.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {duration} from '../../format.js';
import {Past} from '../../past.js';
import {go} from '../../router.js';
import {spans} from '../../parts/spans.js';
import '../../parts/chart.js';

/** Within what time 50, 95 and 99 of a hundred were done. */
const percentiles = kind => [[`${kind}P50Millis`, 'p50'], [`${kind}P95Millis`, 'p95'], [`${kind}P99Millis`, 'p99']];
const CALLS = [['answered', 'answered'], ['failed', 'failed']];
const FLOWS = [['accepted', 'in'], ['finished', 'out'], ['retried', 'retried']];
const millis = value => duration(value / 1000);

class FunctionPast extends Part {
  static properties = {name: {}, place: {}, hours: {}}; // name: NAME.NAMESPACE; place: as its page is called in the address

  past = new Past(this, () => ({of: 'functions', name: this.name, hours: this.hours}));

  updated(changed) {
    if (changed.get('name') || changed.get('hours')) {
      this.past.now();
    }
  }

  render() {
    const known = this.past.of(this.name);
    return html`<section><div class="page-head"><h2>Over time</h2>${spans(['functions', this.place], this.hours)}</div>
      ${this.past.problem ? html`<p class="notice bad">${this.past.problem}</p>` : nothing}
      ${known ? html`<p class="hint">Drag over a part of a chart to see the calls of that time.</p>
        ${this.charts(known, duration(this.past.view.stepSeconds))}`
        : this.past.view ? html`<p class="none">It was not called since Caravan was started.</p>` : nothing}</section>`;
  }

  charts(known, step) {
    const queued = ['accepted', 'finished', 'waiting', 'waitP50Millis'].some(figure => known[figure].some(value => value > 0));
    return html`<div class="charts">
      ${this.chart(`Calls in each ${step}`, CALLS, known)}
      ${this.chart('Run time', percentiles('run'), known, millis)}
      ${queued ? html`
        ${this.chart('Wait in the queue', percentiles('wait'), known, millis)}
        ${this.chart(`Through the queue in each ${step}`, FLOWS, known)}
        ${this.chart('Waiting at the most', [['waiting', 'waiting']], known)}
        ${this.chart('Age of the oldest that waits', [['oldestMillis', 'oldest']], known, millis)}` : nothing}</div>`;
  }

  chart(label, figures, known, written) {
    return html`<time-chart .label=${label} .from=${this.past.view.from} .step=${this.past.view.stepSeconds}
      .lines=${figures.map(([figure, word]) => ({word, values: known[figure]}))} .written=${written}
      @taken=${event => go('calls', {function: this.name.split('.')[0], ...event.detail})}></time-chart>`;
  }
}

customElements.define('function-past', FunctionPast);

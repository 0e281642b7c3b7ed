// Functions: all of them, one with what can be done about it, and a new one.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {Fresh} from '../fresh.js';
import {count, counted, functionName, moment} from '../format.js';
import {link} from '../router.js';
import {may} from '../session.js';
import {readiness} from '../parts/badges.js';
import {sparkline} from '../parts/chart.js';
import {filters} from '../parts/filters.js';
import {hoursOf} from '../parts/spans.js';
import {Past} from '../past.js';
import './functions/deploy.js';
import './functions/function.js';

const PAGE = 'functions';
const FIELDS = [
  {name: 'q', label: 'Name', search: true, hint: 'a part of it'},
  {name: 'state', label: 'State', options: [['ready', 'ready'], ['short', 'not all ready'], ['asleep', 'asleep']]},
];

function stateOf(each) {
  return each.replicas === 0 ? 'asleep' : each.availableReplicas >= each.replicas ? 'ready' : 'short';
}

class FunctionsPage extends Part {
  static properties = {rest: {}, query: {}, functions: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.functions = await get('system/functions', {}, signal);
  }, event => event.type === 'deployment');

  past = new Past(this, () => ({of: 'functions', figures: 'answered,failed'}));

  /** How often it was called, and in words how often in vain. */
  trend(each) {
    const known = this.past.of(`${each.name}.${each.namespace}`);
    if (!known) {
      return nothing;
    }
    const sum = values => values.reduce((a, b) => a + (b ?? 0), 0);
    const failed = sum(known.failed);
    return html`${sparkline(known.answered, `Calls of ${each.name} in the last hour: ${count(sum(known.answered))}`)}
      ${failed > 0 ? html`<span class="badge bad">${count(failed)} failed</span>` : nothing}`;
  }

  render() {
    if (this.rest[0] === 'new') {
      return html`<deploy-form></deploy-form>`;
    }
    return this.rest.length > 0 ? html`<one-function .name=${this.rest[0]} .hours=${hoursOf(this.query)}></one-function>` : this.list();
  }

  shown() {
    const {q = '', state = ''} = this.query;
    return this.functions?.filter(each => functionName(each.name, each.namespace).includes(q)
      && (state === '' || state === stateOf(each)));
  }

  list() {
    const shown = this.shown();
    return html`<div class="page-head"><h1>Functions</h1>
        ${may('admin') ? html`<a class="button primary" href=${link([PAGE, 'new'])}>Deploy a function</a>` : nothing}</div>
      ${filters(PAGE, this.query, FIELDS)}
      <div class="list-bar"><span role="status">${shown ? counted(shown.length, 'function') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${shown?.length === 0 ? html`<p class="none big">${this.functions.length === 0 ? 'No function is deployed.'
        : 'No function is like that.'}</p>` : nothing}
      ${shown?.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>Function</th><th>State</th><th class="number">Calls</th><th>Last hour</th><th>Image</th><th>Process</th>
          <th>Deployed</th></tr></thead>
        <tbody>${shown.map(each => html`<tr>
          <td><a class="opens" href=${link([PAGE, `${each.name}.${each.namespace}`])}
            >${functionName(each.name, each.namespace)}</a></td>
          <td>${readiness(each)}</td><td class="number">${count(each.invocationCount)}</td>
          <td class="trend">${this.trend(each)}</td>
          <td class="text">${each.image}</td><td class="text"><code>${each.envProcess ?? ''}</code></td>
          <td>${moment(each.createdAt)}</td></tr>`)}</tbody></table></div>` : nothing}`;
  }
}

customElements.define('functions-page', FunctionsPage);

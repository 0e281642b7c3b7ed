// Calls: all that were accepted, and one with what became of it.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {Fresh} from '../fresh.js';
import {counted, duration, functionName, moment} from '../format.js';
import {link} from '../router.js';
import {age, asked, filters, pager} from '../parts/filters.js';
import {stateBadge} from '../parts/badges.js';
import './calls/call.js';

const PAGE = 'calls';
const STATES = ['scheduled', 'queued', 'running', 'retrying', 'succeeded', 'dead', 'cancelled'];

const FIELDS = [
  {name: 'q', label: 'Search', search: 'calls', hint: 'words, or fn: http: error: body: callId: …'},
  {name: 'function', label: 'Function'},
  {name: 'status', label: 'State', options: STATES.map(state => [state, state])},
  age,
];

/** Brought along by links. */
const BESIDES = {queue: 'Queue', namespace: 'Namespace', replay: 'Replay'};

class CallsPage extends Part {
  static properties = {rest: {}, query: {}};

  render() {
    return this.rest.length > 0
      ? html`<one-call .callId=${this.rest[0]}></one-call>`
      : html`<div class="page-head"><h1>Calls</h1></div>${filters(PAGE, this.query, FIELDS, BESIDES)}
          <call-list .query=${this.query}></call-list>`;
  }
}

class CallList extends Part {
  static properties = {query: {}, page: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.page = await get('system/calls', asked(this.query), signal);
  }, event => event.type === 'call' && this.concerns(event));

  updated(changed) {
    if (changed.get('query')) {
      this.fresh.now();
    }
  }

  /** A call that is shown changes where it stands, at once; a list that begins at a cursor gets no new ones. */
  concerns(event) {
    const shown = this.page?.items.find(call => call.callId === event.callId);
    if (shown) {
      shown.status = event.status;
      this.requestUpdate();
    }
    return shown !== undefined || !this.query.cursor;
  }

  render() {
    return html`
      <div class="list-bar"><span role="status">${this.page ? counted(this.page.items.length, 'call') : ''}
          ${this.page?.next ? 'and more' : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.page?.items.length === 0 ? html`<p class="none big">No calls here.</p>` : nothing}
      ${this.page?.items.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>Accepted</th><th>State</th><th>Function</th><th class="number">Status</th>
          <th class="number">Attempts</th><th class="number">Took</th><th>Id</th></tr></thead>
        <tbody>${this.page.items.map(call => html`<tr>
          <td><a class="opens" href=${link([PAGE, call.callId])}>${moment(call.submittedAt)}</a></td>
          <td>${stateBadge(call.status)}${call.reason ? html` <span class="hint">${call.reason}</span>` : nothing}</td>
          <td>${functionName(call.function, call.namespace)}</td>
          <td class="number">${call.statusCode ?? '–'}</td><td class="number">${call.attempts}</td>
          <td class="number">${duration(call.durationSeconds)}</td><td><code>${call.callId}</code></td></tr>`)}
        </tbody></table></div>${pager(PAGE, this.query, this.page.next)}` : nothing}`;
  }
}

customElements.define('call-list', CallList);
customElements.define('calls-page', CallsPage);

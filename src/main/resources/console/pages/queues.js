// Queues: what waits and runs in each, and one with how it got there.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {Fresh} from '../fresh.js';
import {count, counted, duration} from '../format.js';
import {Past} from '../past.js';
import {link} from '../router.js';
import {sparkline} from '../parts/chart.js';
import {filters} from '../parts/filters.js';
import {hoursOf} from '../parts/spans.js';
import {actions, concern, limits, mayAct} from './queues/control.js';
import './queues/queue.js';

const PAGE = 'queues';
const FIELDS = [{name: 'q', label: 'Name', search: true, hint: 'a part of it'}];

class QueuesPage extends Part {
  static properties = {rest: {}, query: {}};

  render() {
    return this.rest.length > 0
      ? html`<one-queue .name=${this.rest[0]} .hours=${hoursOf(this.query)}></one-queue>`
      : html`<div class="page-head"><h1>Queues</h1></div>${filters(PAGE, this.query, FIELDS)}
          <queue-list .query=${this.query}></queue-list>`;
  }
}

class QueueList extends Part {
  static properties = {query: {}, queues: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.queues = await get('system/queues', {}, signal);
  }, event => event.type === 'queue' || event.type === 'call');

  past = new Past(this, () => ({of: 'queues', figures: 'depth'}));

  render() {
    const shown = this.queues?.filter(queue => queue.name.includes(this.query.q ?? ''));
    return html`
      <div class="list-bar"><span role="status">${shown ? counted(shown.length, 'queue') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${shown?.length === 0 ? html`<p class="none big">No queue has such a name.</p>` : nothing}
      ${shown?.length ? html`<div class="scroll"><table>
        <thead><tr><th>Queue</th><th class="number">Waiting</th><th>Last hour</th><th class="number">Oldest</th>
          <th class="number">Running</th><th class="number">Scheduled</th><th class="number">Dead</th><th class="number">In</th>
          <th class="number">Out</th><th>At once</th><th>Actions</th></tr></thead>
        <tbody>${shown.map(queue => this.row(queue))}</tbody></table></div>` : nothing}`;
  }

  row(queue) {
    const trouble = concern(queue);
    const then = () => this.fresh.now();
    const depths = this.past.of(queue.name)?.depth;
    return html`<tr>
      <td><a class="opens" href=${link([PAGE, queue.name])}>${queue.name}</a>
        ${trouble ? html`<span class="badge warn">${trouble}</span>` : nothing}
        ${queue.pausedFunctions.length ? html`<div class="hint">paused: ${queue.pausedFunctions.join(', ')}</div>` : nothing}</td>
      <td class="number strong">${count(queue.depth)}</td>
      <td class="trend">${depths ? sparkline(depths, `Waiting in ${queue.name} in the last hour, at most
        ${count(Math.max(0, ...depths))}`) : nothing}</td>
      <td class="number">${queue.depth ? duration(queue.oldestAgeSeconds) : '–'}</td>
      <td class="number">${count(queue.running)}</td>
      <td class="number">${count(queue.scheduled)}</td>
      <td class="number">${queue.deadLetters
        ? html`<a href=${link('dead-letters', {queue: queue.name})}>${count(queue.deadLetters)}</a>` : '0'}</td>
      <td class="number">${count(queue.enqueued)}</td>
      <td class="number">${count(queue.dequeued)}</td>
      <td>${mayAct() ? limits(queue, then) : queue.concurrency}</td>
      <td>${mayAct() ? actions(queue, then) : nothing}</td></tr>`;
  }
}

customElements.define('queue-list', QueueList);
customElements.define('queues-page', QueuesPage);

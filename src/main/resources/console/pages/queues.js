// Queues: what waits and runs in each, and holding it back.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get, json, segment} from '../api.js';
import {Fresh} from '../fresh.js';
import {count, counted, duration} from '../format.js';
import {link} from '../router.js';
import {may} from '../session.js';
import {confirm} from '../parts/confirm.js';
import {attempt, toast} from '../parts/toasts.js';

/** Results on their way to callback URLs. Their calls are over, so none of them can be cancelled. */
const CALLBACKS = 'faas-callback';

/** From so many on, purging a queue asks for its name. */
const MANY = 100;

/** How long something may wait in a queue that is neither paused nor without consumers before it is worth a word. */
const LONG = 300;

/** What an operator should know about a queue; empty when all is well. */
export function concern(queue) {
  if (queue.paused) {
    return queue.drained ? 'paused, nothing runs' : 'paused';
  }
  if (queue.depth > 0 && queue.concurrency === 0) {
    return 'nothing takes its calls here';
  }
  return queue.oldestAgeSeconds > LONG ? `the oldest waits for ${duration(queue.oldestAgeSeconds)}` : '';
}

class QueuesPage extends Part {
  static properties = {rest: {}, query: {}, queues: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.queues = await get('system/queues', {}, signal);
  }, event => event.type === 'queue' || event.type === 'call');

  act(method, queue, verb, body) {
    return attempt(async () => {
      const answer = await json(method, `system/queues/${segment(queue.name)}/${verb}`, {body});
      await this.fresh.now();
      return answer;
    });
  }

  async purge(queue) {
    const sure = await confirm({
      title: `Purge ${queue.name}?`,
      text: `${counted(queue.depth + queue.scheduled, 'call')} that wait are cancelled. This cannot be undone.`,
      verb: 'Cancel all that wait',
      typed: queue.depth + queue.scheduled >= MANY ? queue.name : '',
    });
    if (sure) {
      await attempt(async () => {
        const {cancelled} = await json('DELETE', `system/queues/${segment(queue.name)}/messages`);
        toast(`${counted(cancelled, 'call')} cancelled`);
        await this.fresh.now();
      });
    }
  }

  async limit(event, queue) {
    event.preventDefault();
    const {value} = event.target.elements.concurrency;
    await (value === '' ? this.act('DELETE', queue, 'concurrency')
      : this.act('POST', queue, 'concurrency', {concurrency: Number(value)}));
  }

  render() {
    return html`<div class="page-head"><h1>Queues</h1></div>
      <div class="list-bar"><span role="status">${this.queues ? counted(this.queues.length, 'queue') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.queues ? html`<div class="scroll"><table>
        <thead><tr><th>Queue</th><th class="number">Waiting</th><th class="number">Oldest</th><th class="number">Running</th>
          <th class="number">Scheduled</th><th class="number">Dead</th><th class="number">In</th><th class="number">Out</th>
          <th>At once</th><th>Actions</th></tr></thead>
        <tbody>${this.queues.map(queue => this.row(queue))}</tbody></table></div>` : nothing}`;
  }

  row(queue) {
    const trouble = concern(queue);
    return html`<tr>
      <td><a class="opens" href=${link('calls', {status: 'queued'})}>${queue.name}</a>
        ${trouble ? html`<span class="badge warn">${trouble}</span>` : nothing}
        ${queue.pausedFunctions.length ? html`<div class="hint">paused: ${queue.pausedFunctions.join(', ')}</div>` : nothing}</td>
      <td class="number strong">${count(queue.depth)}</td>
      <td class="number">${queue.depth ? duration(queue.oldestAgeSeconds) : '–'}</td>
      <td class="number">${count(queue.running)}</td>
      <td class="number">${count(queue.scheduled)}</td>
      <td class="number">${queue.deadLetters
        ? html`<a href=${link('dead-letters', {queue: queue.name})}>${count(queue.deadLetters)}</a>` : '0'}</td>
      <td class="number">${count(queue.enqueued)}</td>
      <td class="number">${count(queue.dequeued)}</td>
      <td>${may('operator') ? this.limits(queue) : queue.concurrency}</td>
      <td>${may('operator') ? this.actions(queue) : nothing}</td></tr>`;
  }

  limits(queue) {
    return html`<form class="inline" @submit=${event => this.limit(event, queue)}>
      <input name="concurrency" type="number" min="1" max="1000" .value=${String(queue.concurrency || '')}
        aria-label="Calls of ${queue.name} at once; empty for what its route says">
      <button aria-label="Set calls at once of ${queue.name}">Set</button></form>`;
  }

  actions(queue) {
    const of = word => html`${word}<span class="sr"> ${queue.name}</span>`;
    return html`<div class="actions">
      ${queue.paused
        ? html`<button @click=${() => this.act('POST', queue, 'resume')}>${of('Resume')}</button>`
        : html`<button @click=${() => this.act('POST', queue, 'pause')}>${of('Pause')}</button>
          <button title="Pause, and see when nothing runs any more"
            @click=${() => this.act('POST', queue, 'drain')}>${of('Drain')}</button>`}
      ${queue.name === CALLBACKS ? nothing : html`<button class="danger" ?disabled=${queue.depth + queue.scheduled === 0}
        @click=${() => this.purge(queue)}>${of('Purge')}</button>`}</div>`;
  }
}

customElements.define('queues-page', QueuesPage);

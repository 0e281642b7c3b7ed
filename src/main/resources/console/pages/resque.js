// Resque: what stands in its Redis, whoever wrote it: queues, workers, delayed jobs and failures.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get, json} from '../api.js';
import {Fresh} from '../fresh.js';
import {count, counted, moment} from '../format.js';
import {link} from '../router.js';
import {may} from '../session.js';
import {facts} from '../parts/facts.js';
import {attempt} from '../parts/toasts.js';
import {jobOf} from './resque/job.js';
import './resque/failures.js';

const PAGE = 'resque';

/** No event tells of what others do in Redis. */
const POLL = 5_000;

class ResquePage extends Part {
  static properties = {rest: {}, query: {}};

  render() {
    const failures = this.rest[0] === 'failures';
    return html`
      <div class="page-head"><h1>Resque</h1>
        <div class="tabs"><a href=${link(PAGE)} aria-current=${!failures || nothing}>Queues and workers</a>
          <a href=${link([PAGE, 'failures'])} aria-current=${failures || nothing}>Failures</a></div></div>
      ${failures ? html`<resque-failures .query=${this.query}></resque-failures>`
        : html`<resque-overview></resque-overview>`}`;
  }
}

class ResqueOverview extends Part {
  static properties = {overview: {state: true}};

  fresh = new Fresh(this, async signal => {
    [this.overview, this.queues, this.workers, this.delayed] = await Promise.all([
      get('system/resque', {}, signal), get('system/resque/queues', {}, signal),
      get('system/resque/workers', {}, signal), get('system/resque/delayed', {limit: 20}, signal)]);
  }, () => false);

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.fresh.heard({type: 'lost'}), POLL);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  pause(verb) {
    return attempt(async () => {
      await json('POST', `system/resque/${verb}`);
      await this.fresh.now();
    });
  }

  render() {
    const all = this.overview;
    return html`
      <div class="list-bar"><span role="status">${all ? counted(all.pending, 'job waits', 'jobs wait') : ''}</span>
        ${all && may('operator') ? all.paused
          ? html`<button @click=${() => this.pause('resume')}>Let all workers go on</button>`
          : html`<button title="Sets pause-all-workers, which Caravan and Ruby's workers heed"
              @click=${() => this.pause('pause')}>Pause all workers</button>` : nothing}
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${all?.paused ? html`<p class="notice warn" role="status">All workers are paused: they take nothing.</p>` : nothing}
      ${all ? html`${this.counters(all)}${this.queueTable()}${this.workerTable()}${this.delayedTable()}` : nothing}`;
  }

  counters(all) {
    return facts([
      ['Processed', count(all.processed)],
      ['Failed', count(all.failed)],
      ['Records of failures', html`<a href=${link([PAGE, 'failures'])}>${count(all.failures)}</a>`],
      ['Calls of Caravan', count(all.calls)],
      ['Taken here', count(all.here.taken)],
      ['Processed here', count(all.here.processed)],
      ['Failed here', count(all.here.failed)],
      ['Running here', count(all.here.running)],
      ['Keys begin with', all.namespace],
    ]);
  }

  queueTable() {
    return html`<h2>Queues</h2>
      ${this.queues.length === 0 ? html`<p class="none">There is none.</p>` : html`<div class="scroll" data-hold><table>
        <thead><tr><th>Queue</th><th class="number">Waiting</th></tr></thead>
        <tbody>${this.queues.map(queue => html`<tr><td>${queue.name}</td>
          <td class="number strong">${queue.problem ? html`<span class="badge bad">${queue.problem}</span>`
            : count(queue.depth)}</td></tr>`)}</tbody></table></div>`}`;
  }

  workerTable() {
    return html`<h2>Workers</h2>
      ${this.workers.length === 0 ? html`<p class="none">Nobody works here.</p>` : html`<div class="scroll" data-hold><table>
        <thead><tr><th>Worker</th><th>Works on</th><th>Since</th><th>Started</th><th>Heartbeat</th>
          <th class="number">Processed</th><th class="number">Failed</th></tr></thead>
        <tbody>${this.workers.map(worker => html`<tr>
          <td class="text"><code>${worker.id}</code>
            ${worker.problem ? html`<div><span class="badge bad">${worker.problem}</span></div>` : nothing}</td>
          <td class="text">${worker.working ? html`${jobOf(worker.working)}
            <span class="hint">${worker.working.queue}</span>` : html`<span class="none">waits</span>`}</td>
          <td>${written(worker.working?.runAt)}</td><td>${written(worker.started)}</td>
          <td>${written(worker.heartbeat)}</td>
          <td class="number">${count(worker.processed)}</td><td class="number">${count(worker.failed)}</td></tr>`)}
        </tbody></table></div>`}`;
  }

  delayedTable() {
    return html`<h2>Delayed jobs</h2>
      ${this.delayed.items.length === 0 ? html`<p class="none">There is none.</p>` : html`
        <p class="hint">Due at ${counted(this.delayed.total, 'time')}; the next first.</p>
        <div class="scroll" data-hold><table>
        <thead><tr><th>Due</th><th class="number">Jobs</th><th>The first</th></tr></thead>
        <tbody>${this.delayed.items.map(each => html`<tr><td>${moment(each.at)}</td>
          <td class="number">${count(each.jobs)}</td>
          <td class="text">${each.problem ? html`<span class="badge bad">${each.problem}</span>` : jobOf(each)}</td></tr>`)}
        </tbody></table></div>`}`;
  }
}

/** Each tool writes times in its own way: what a browser understands is shown as elsewhere, all else as it stands. */
const written = text => !text || Number.isNaN(new Date(text).getTime()) ? text ?? '' : moment(text);

customElements.define('resque-overview', ResqueOverview);
customElements.define('resque-page', ResquePage);

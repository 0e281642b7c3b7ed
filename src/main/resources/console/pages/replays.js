// Bulk replays: all that there were, and how far one is.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get, json, segment} from '../api.js';
import {Fresh} from '../fresh.js';
import {ago, count, counted, moment} from '../format.js';
import {link} from '../router.js';
import {may} from '../session.js';
import {stateBadge} from '../parts/badges.js';
import {facts} from '../parts/facts.js';
import {attempt} from '../parts/toasts.js';

const over = job => !['scheduled', 'running', 'paused'].includes(job.state);
const words = filter => Object.entries(filter).map(([name, value]) => `${name} ${value}`).join(', ') || 'all dead letters';

class ReplaysPage extends Part {
  static properties = {rest: {}, query: {}};

  render() {
    return this.rest.length > 0
      ? html`<replay-job .job=${this.rest[0]}></replay-job>`
      : html`<div class="page-head"><h1>Replays</h1></div><replay-list></replay-list>`;
  }
}

class ReplayList extends Part {
  static properties = {jobs: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.jobs = await get('system/jobs', {}, signal);
  }, event => event.type === 'call' && event.generation > 1);

  render() {
    return html`${this.fresh.problem()}
      <div class="list-bar"><span role="status">${this.jobs ? counted(this.jobs.length, 'replay') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.jobs?.length === 0 ? html`<p class="none big">Nothing has been replayed in bulk.
        <a href=${link('dead-letters')}>Dead letters</a></p>` : nothing}
      ${this.jobs?.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>Asked for</th><th>State</th><th>Which</th><th class="number">Letters</th>
          <th class="number">Replayed</th><th class="number">Succeeded</th><th class="number">Failed</th></tr></thead>
        <tbody>${this.jobs.map(job => html`<tr>
          <td><a class="opens" href=${link(['replays', job.id])}>${moment(job.createdAt)}</a></td>
          <td>${stateBadge(job.state)}</td><td class="text">${words(job.filter)}</td>
          <td class="number">${count(job.matched)}</td><td class="number">${count(job.replayed)}</td>
          <td class="number">${count(job.succeeded)}</td><td class="number">${count(job.failed)}</td></tr>`)}
        </tbody></table></div>` : nothing}`;
  }
}

class ReplayJob extends Part {
  static properties = {job: {}, shown: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.shown = await get(`system/jobs/${segment(this.job)}`, {}, signal);
    clearTimeout(this.next);
    if (!over(this.shown) || this.shown.replayed > this.shown.succeeded + this.shown.failed) {
      this.next = setTimeout(() => this.isConnected && this.fresh.now(), 1_000);
    }
  }, () => false);

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.next);
  }

  act(method, verb = '') {
    return attempt(async () => {
      await json(method, `system/jobs/${segment(this.job)}${verb}`);
      await this.fresh.now();
    });
  }

  /** What it waits for, when it does not simply go on. */
  waitsFor(job) {
    const stage = job.canaries?.[job.stage - 1];
    if (job.state === 'paused') {
      return 'It is paused: nothing more is replayed until somebody lets it go on.';
    }
    if (job.state === 'scheduled') {
      return html`It begins at ${moment(job.startAt)}, ${ago(job.startAt)}.`;
    }
    if (over(job) || !stage) {
      return '';
    }
    return html`Stage ${job.stage} of ${job.canaries.length + 1}: no more than ${counted(stage, 'letter')} are replayed until
      so many calls have succeeded. ${count(job.succeeded)} have, ${count(job.inFlight)} are under way.`;
  }

  /** The stages, from the canaries to all others. */
  stages(job) {
    return html`<ol class="stages" aria-label="Stages">${[...job.canaries, 'all'].map((size, i) => html`<li
      class=${i + 1 < job.stage ? 'passed' : ''} aria-current=${i + 1 === job.stage ? 'step' : nothing}
      >${size === 'all' ? size : count(size)}${i + 1 < job.stage ? html`<span aria-hidden="true"> ✓</span
        ><span class="sr"> passed</span>` : nothing}</li>`)}</ol>`;
  }

  /** A number that leads to those calls. */
  calls(number, status) {
    return number > 0 ? html`<a href=${link('calls', {replay: this.job, status})}>${count(number)}</a>` : '0';
  }

  render() {
    const job = this.shown;
    if (!job) {
      return this.fresh.problem();
    }
    return html`
      <nav class="crumbs" aria-label="Path"><a href=${link('replays')}>Replays</a></nav>
      <div class="page-head"><h1>Replay of ${counted(job.matched, 'letter')} ${stateBadge(job.state)}</h1>
        ${may('operator') && !over(job) ? html`<div class="actions">
          ${job.state === 'paused' ? html`<button @click=${() => this.act('POST', '/resume')}>Go on</button>`
            : html`<button @click=${() => this.act('POST', '/pause')}>Pause</button>`}
          <button class="danger" @click=${() => this.act('DELETE')}>Cancel the rest</button></div>` : nothing}</div>
      ${this.fresh.problem()}
      ${this.waitsFor(job) ? html`<p class="notice" role="status">${this.waitsFor(job)}</p>` : nothing}
      ${job.note ? html`<p class="notice warn">${job.note}</p>` : nothing}
      <label class="progress">${count(job.replayed)} of ${count(job.matched)} replayed
        <progress max=${Math.max(1, job.matched)} .value=${job.matched - job.waiting}></progress></label>
      ${job.canaries ? this.stages(job) : nothing}
      ${facts([
        ['Waiting', count(job.waiting)], ['Replayed', this.calls(job.replayed)],
        ['Under way', count(job.inFlight)], ['Succeeded', this.calls(job.succeeded, 'succeeded')],
        ['Failed again', this.calls(job.failed, job.inFlight > 0 ? '' : 'dead')],
        ['Refused', count(job.refused)], ['Gone', count(job.gone)],
        ['Which', words(job.filter)],
        ['At most a second', job.ratePerSecond],
        ['Under way at once, at most', job.maxInFlight],
        ['Stops when so many fail', job.stopAtFailureRate && `${Math.round(job.stopAtFailureRate * 100)} %`],
        ['Not before', job.startAt && moment(job.startAt)],
        ['Left out', job.skipReplayed && 'what was replayed before and came back'],
        ['Asked for', moment(job.createdAt)], ['Over', job.finishedAt && moment(job.finishedAt)],
      ])}`;
  }
}

customElements.define('replay-list', ReplayList);
customElements.define('replay-job', ReplayJob);
customElements.define('replays-page', ReplaysPage);

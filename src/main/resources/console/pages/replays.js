// Bulk replays: all that there were, and how far one is.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get, json, segment} from '../api.js';
import {Fresh} from '../fresh.js';
import {count, counted, moment} from '../format.js';
import {link} from '../router.js';
import {may} from '../session.js';
import {stateBadge} from '../parts/badges.js';
import {facts} from '../parts/facts.js';
import {attempt} from '../parts/toasts.js';

const over = job => !['running', 'paused'].includes(job.state);
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
        <thead><tr><th>Begun</th><th>State</th><th>Which</th><th class="number">Letters</th>
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

  waitsForCanaries(job) {
    return !over(job) && job.succeeded < (job.canaries ?? 0);
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
          ${job.state === 'running' ? html`<button @click=${() => this.act('POST', '/pause')}>Pause</button>`
            : html`<button @click=${() => this.act('POST', '/resume')}>Go on</button>`}
          <button class="danger" @click=${() => this.act('DELETE')}>Cancel the rest</button></div>` : nothing}</div>
      ${this.fresh.problem()}
      ${this.waitsForCanaries(job) ? html`<p class="notice" role="status">${counted(job.canaries, 'letter')} went first:
        the others wait until so many calls have succeeded.</p>` : nothing}
      ${job.note ? html`<p class="notice warn">${job.note}</p>` : nothing}
      <label class="progress">${count(job.replayed)} of ${count(job.matched)} replayed
        <progress max=${Math.max(1, job.matched)} .value=${job.matched - job.waiting}></progress></label>
      ${facts([
        ['Waiting', count(job.waiting)], ['Replayed', count(job.replayed)], ['Succeeded', count(job.succeeded)],
        ['Failed again', count(job.failed)], ['Refused', count(job.refused)], ['Gone', count(job.gone)],
        ['Which', words(job.filter)],
        ['At most a second', job.ratePerSecond],
        ['First, and the others when these succeed', job.canaries],
        ['Stops when so many fail', job.stopAtFailureRate && `${Math.round(job.stopAtFailureRate * 100)} %`],
        ['Begun', moment(job.createdAt)], ['Over', job.finishedAt && moment(job.finishedAt)],
      ])}`;
  }
}

customElements.define('replay-list', ReplayList);
customElements.define('replay-job', ReplayJob);
customElements.define('replays-page', ReplaysPage);

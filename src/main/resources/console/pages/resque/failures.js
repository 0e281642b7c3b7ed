// What failed in Resque: tried again, removed one by one or all at once, as in resque-web.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get, json, segment} from '../../api.js';
import {Fresh} from '../../fresh.js';
import {counted} from '../../format.js';
import {link} from '../../router.js';
import {may} from '../../session.js';
import {confirm} from '../../parts/confirm.js';
import {pager} from '../../parts/filters.js';
import {attempt, toast} from '../../parts/toasts.js';
import {jobOf} from './job.js';

const PLACE = ['resque', 'failures'];
const POLL = 5_000;

class ResqueFailures extends Part {
  static properties = {query: {}, page: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.page = await get('system/resque/failures', {cursor: this.query.cursor}, signal);
  }, () => false);

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.query.cursor || this.fresh.heard({type: 'lost'}), POLL);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  updated(changed) {
    if (changed.get('query')) {
      this.fresh.now();
    }
  }

  retry(failure) {
    return attempt(async () => {
      const {retried} = await json('POST', `system/resque/failures/${segment(failure.id)}/retry`);
      toast(retried === 'call' ? 'Its call goes round again' : `The job stands on ${failure.queue} again`);
      await this.fresh.now();
    });
  }

  async remove(failure) {
    const sure = await confirm({
      title: 'Remove this failure?',
      text: 'Nobody can try the job again from here, nor from resque-web. This cannot be undone.',
      verb: 'Remove it',
      why: true,
    });
    if (sure) {
      await attempt(async () => {
        await json('DELETE', `system/resque/failures/${segment(failure.id)}`, {reason: sure.reason});
        toast('The failure is removed');
        await this.fresh.now();
      });
    }
  }

  async clear() {
    const {total} = this.page;
    const sure = await confirm({
      title: `Remove ${counted(total, 'failure')}?`,
      text: 'They are gone for every tool that looks at this Redis. Dead letters stay. This cannot be undone.',
      verb: 'Remove them all',
      typed: String(total),
      why: true,
    });
    if (sure) {
      await attempt(async () => {
        const {removed} = await json('DELETE', 'system/resque/failures', {query: {confirm: total}, reason: sure.reason});
        toast(`${counted(removed, 'failure')} removed`);
        await this.fresh.now();
      });
    }
  }

  render() {
    return html`
      <div class="list-bar"><span role="status">${this.page ? counted(this.page.total, 'failure') : ''}</span>
        ${may('operator') ? html`<button class="danger" ?disabled=${!this.page?.total} @click=${this.clear}
          >Remove all…</button>` : nothing}
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.page?.items.length === 0 ? html`<p class="none big">Nothing failed.</p>` : nothing}
      ${this.page?.items.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>Failed</th><th>Job</th><th>Error</th><th>Queue</th><th>Worker</th><th>Actions</th></tr></thead>
        <tbody>${this.page.items.map(failure => this.row(failure))}</tbody></table></div>
        ${pager(PLACE, this.query, this.page.next)}` : nothing}`;
  }

  row(failure) {
    return html`<tr>
      <td>${failure.failedAt}${failure.retriedAt ? html`<div><span class="badge ok">retried</span>
        <span class="hint">${failure.retriedAt}</span></div>` : nothing}</td>
      <td class="text">${failure.class === undefined ? html`<code>${failure.text}</code>` : jobOf(failure)}
        ${failure.callId ? html`<div class="hint">call <a href=${link(['calls', failure.callId])}>${failure.callId}</a></div>` : nothing}
        ${failure.problem ? html`<div><span class="badge bad"
          title="resque-web shows no failures at all while this one is there">malformed: ${failure.problem}</span></div>` : nothing}</td>
      <td class="text"><span class="strong">${failure.exception}</span> ${failure.error}
        ${failure.backtrace ? html`<details><summary>Backtrace</summary>
          <pre class="body short" tabindex="0">${failure.backtrace.join('\n')}</pre></details>` : nothing}</td>
      <td>${failure.queue}</td><td class="text">${failure.worker}</td>
      <td>${may('operator') ? html`<div class="actions">
        ${failure.canRetry ? html`<button @click=${() => this.retry(failure)}
          >Retry<span class="sr"> ${failure.class}</span></button>` : nothing}
        <button class="danger" @click=${() => this.remove(failure)}>Remove<span class="sr"> ${failure.class}</span></button>
        </div>` : nothing}</td></tr>`;
  }
}

customElements.define('resque-failures', ResqueFailures);

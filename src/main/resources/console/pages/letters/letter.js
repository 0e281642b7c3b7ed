// One dead letter: what was asked, what became of it, and again.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get, json, segment} from '../../api.js';
import {Fresh} from '../../fresh.js';
import {functionName, moment, size} from '../../format.js';
import {go, link} from '../../router.js';
import {may, seesBodies} from '../../session.js';
import {whyBadge} from '../../parts/badges.js';
import {copied, facts, headerTable} from '../../parts/facts.js';
import {timeline} from '../../parts/timeline.js';
import {confirm} from '../../parts/confirm.js';
import {toast} from '../../parts/toasts.js';
import {editsOf, editsView} from '../calls/edits.js';
import {deleteLetters} from './delete.js';
import '../../parts/body-view.js';
import './editor.js';

class DeadLetterPage extends Part {
  static properties = {
    letterId: {}, letter: {state: true}, attempts: {state: true}, editing: {state: true}, busy: {state: true},
    edits: {state: true},
  };

  fresh = new Fresh(this, signal => this.load(signal),
    event => event.type === 'call' && this.letter?.callId === event.callId);

  async load(signal) {
    try {
      this.letter = await get(`system/dead-letters/${segment(this.letterId)}`, {}, signal);
    } catch (problem) {
      if (problem.status === 404 || problem.status === 409) {
        this.letter = this.letter?.id === this.letterId ? {...this.letter, gone: problem.message} : undefined;
      }
      if (!this.letter) {
        throw problem;
      }
    }
    this.attempts = await this.allAttempts(signal);
    this.edits = this.letter.replays > 0 ? await editsOf(this.letter.callId, signal) : [];
  }

  /** Those of earlier generations, too, while the call is still known. */
  async allAttempts(signal) {
    try {
      return (await get(`system/calls/${segment(this.letter.callId)}`, {}, signal)).attempts;
    } catch (problem) {
      if (problem.status !== 404) {
        throw problem;
      }
      return this.letter.history;
    }
  }

  updated(changed) {
    if (changed.get('letterId')) {
      this.letter = undefined;
      this.editing = false;
      this.fresh.now();
    }
  }

  /** @param edits what shall be different; nothing for the call as it was */
  /** What came back unchanged comes back again, most likely: that is asked first. */
  async replay(edits) {
    const {replays} = this.letter;
    const sure = edits || replays === 0 ? {} : await confirm({
      title: 'Replay it again as it is?',
      text: `It was replayed ${replays}× and came back. Unless its function was mended since, or it is edited, it will again.`,
      verb: 'Replay it again',
      why: true,
    });
    if (!sure) {
      return;
    }
    this.busy = true;
    try {
      const {callId} = await json('POST', `system/dead-letters/${segment(this.letter.id)}/replay`,
        {body: edits, reason: sure.reason});
      toast('The call is queued again');
      go(['calls', callId]);
    } catch (problem) {
      toast(problem.message, {bad: true});
    } finally {
      this.busy = false;
    }
  }

  async delete() {
    const {id} = this.letter;
    await deleteLetters([id], deleted => {
      if (deleted.length > 0) {
        history.length > 1 ? history.back() : go('dead-letters');
      } else {
        go(['dead-letters', id]);
      }
    });
  }

  render() {
    if (!this.letter) {
      return html`<p><a href=${link('dead-letters')}>Dead letters</a></p>${this.fresh.problem()}`;
    }
    const letter = this.letter;
    return html`
      <nav class="crumbs" aria-label="Path"><a href=${link('dead-letters')}>Dead letters</a>
        <a href=${link('dead-letters', {fingerprint: letter.fingerprint})}>its group</a></nav>
      <div class="page-head"><h1>${functionName(letter.function, letter.namespace)}
          ${whyBadge(letter.reason, letter.statusCode)}</h1>
        ${may('operator') && !letter.gone ? this.actions() : nothing}</div>
      ${letter.gone ? html`<p class="notice" role="status">This letter no longer stands: ${letter.gone}.
        <a href=${link(['calls', letter.callId])}>See the call</a></p>` : nothing}
      ${letter.replays > 0 ? html`<p class="notice warn">It was replayed ${letter.replays}× and came back:
        this is generation ${letter.replays + 1} of its call.</p>` : nothing}
      ${letter.error ? html`<p class="error-text big">${letter.error}</p>` : nothing}
      ${this.editing
        ? html`<letter-editor .letter=${letter} .busy=${this.busy} @replay=${event => this.replay(event.detail)}
            @close=${() => (this.editing = false)}></letter-editor>`
        : this.details()}`;
  }

  actions() {
    return html`<div class="actions">
      <button class="primary" ?disabled=${this.busy} @click=${() => this.replay()}>Replay</button>
      ${seesBodies() ? html`<button aria-pressed=${!!this.editing}
        @click=${() => (this.editing = !this.editing)}>Edit and replay</button>` : nothing}
      <button class="danger" @click=${this.delete}>Delete</button></div>`;
  }

  details() {
    const letter = this.letter;
    const last = this.attempts?.at(-1);
    return html`
      ${facts([
        ['Letter', copied(letter.id)],
        ['Call', html`<a href=${link(['calls', letter.callId])}>${letter.callId}</a>`],
        ['Queue', letter.queue],
        ['Accepted', moment(letter.submittedAt)],
        ['Died', moment(letter.deadAt)],
        ['Attempts', letter.attempts],
        ['Callback', letter.callbackUrl],
      ])}
      <section><h2>Attempts</h2>${this.attempts ? timeline(this.attempts) : nothing}</section>
      <div class="sides">
        <section><h2>Request</h2>
          <p class="target"><code>${letter.path}${letter.query ? `?${letter.query}` : ''}</code>
            <span class="hint">${letter.contentType ?? 'no content type'}, ${size(letter.size)}</span></p>
          ${letter.bodyHidden
            ? html`<p class="none">You do not see bodies.</p>`
            : html`<body-view label="the request's body" .text=${letter.body} .base64=${letter.bodyBase64}></body-view>`}
          <h3>Headers</h3>${headerTable(letter.headers, 'Request headers')}</section>
        <section><h2>Last answer</h2>
          ${last?.statusCode
            ? html`<p class="target"><span class="status">${last.statusCode}</span>
                <span class="hint">the first 1,024 bytes are kept</span></p>
                ${seesBodies()
                  ? html`<body-view label="the last answer" .text=${last.responseExcerpt ?? ''}></body-view>`
                  : html`<p class="none">You do not see bodies.</p>`}`
            : html`<p class="none">There was none.</p>`}</section>
      </div>
      ${editsView(this.edits)}`;
  }
}

customElements.define('dead-letter', DeadLetterPage);

// One call: where it is, what became of each attempt, and what the function answered.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get, segment, send} from '../../api.js';
import {textOrBase64} from '../../bytes.js';
import {Fresh} from '../../fresh.js';
import {duration, functionName, moment} from '../../format.js';
import {link} from '../../router.js';
import {may, seesBodies} from '../../session.js';
import {stateBadge} from '../../parts/badges.js';
import {confirm} from '../../parts/confirm.js';
import {copied, facts, headerTable} from '../../parts/facts.js';
import {timeline} from '../../parts/timeline.js';
import {attempt} from '../../parts/toasts.js';
import {editsOf, editsView} from './edits.js';
import '../../parts/body-view.js';

const PLACES = {
  'queue': 'as it stands in its queue',
  'line': 'as it waits in its line',
  'dead-letter': 'as its dead letter has it',
  'result': 'kept beside its result',
};
const OVER = ['succeeded', 'dead', 'cancelled'];

class OneCall extends Part {
  static properties = {
    callId: {}, call: {state: true}, result: {state: true}, request: {state: true}, edits: {state: true},
  };

  fresh = new Fresh(this, signal => this.load(signal), event => event.type === 'call' && event.callId === this.callId);

  async load(signal) {
    this.call = await get(`system/calls/${segment(this.callId)}`, {}, signal);
    this.edits = this.call.generation > 1 ? await editsOf(this.callId, signal) : [];
    this.result = this.call.status === 'succeeded' ? await this.loadResult(signal) : undefined;
    this.request = await get(`system/calls/${segment(this.callId)}/request`, {}, signal);
  }

  async loadResult(signal) {
    if (!seesBodies()) {
      return {problem: 'You do not see bodies.'};
    }
    try {
      const answer = await send('GET', `async-function/${segment(this.callId)}/result`, {signal});
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return {status: answer.headers.get('X-Function-Status'), type: answer.headers.get('Content-Type'),
        headers: Object.fromEntries(answer.headers), ...textOrBase64(bytes)};
    } catch (problem) {
      if (signal.aborted) {
        throw problem;
      }
      return {problem: problem.message};
    }
  }

  updated(changed) {
    if (changed.get('callId')) {
      this.call = undefined;
      this.fresh.now();
    }
  }

  async cancel() {
    const sure = await confirm({
      title: 'Cancel this call?',
      text: 'It will not be run again, and a run that is under way is interrupted.',
      verb: 'Cancel the call',
    });
    if (sure && (await attempt(() => send('DELETE', `async-function/${segment(this.callId)}`)))) {
      this.fresh.now();
    }
  }

  render() {
    const call = this.call;
    if (!call) {
      return html`<p><a href=${link('calls')}>Calls</a></p>${this.fresh.problem()}`;
    }
    return html`
      <nav class="crumbs" aria-label="Path"><a href=${link('calls')}>Calls</a>
        <a href=${link('calls', {function: call.function})}>of ${call.function}</a></nav>
      <div class="page-head"><h1>${functionName(call.function, call.namespace)}
          <span role="status">${stateBadge(call.status)}</span></h1>
        ${may('operator') && !OVER.includes(call.status)
          ? html`<div class="actions"><button class="danger" @click=${this.cancel}>Cancel the call</button></div>`
          : nothing}</div>
      ${this.fresh.problem()}
      ${call.status === 'dead' ? html`<p class="notice bad">Dead: ${call.reason}.
        <a href=${link(['dead-letters', `${call.callId}.${call.generation}`])}>See the letter and replay it</a></p>` : nothing}
      ${facts([
        ['Call', copied(call.callId)],
        ['Queue', call.queue],
        ['Accepted', moment(call.submittedAt)],
        ['Begun', call.startedAt && moment(call.startedAt)],
        ['Over', call.finishedAt && moment(call.finishedAt)],
        ['Next attempt', call.nextAttemptAt && moment(call.nextAttemptAt)],
        ['Took', call.durationSeconds && duration(call.durationSeconds)],
        ['Generation', call.generation > 1 ? `${call.generation}, so it was replayed` : undefined],
      ])}
      <section><h2>Attempts</h2>${timeline(call.attempts)}</section>
      <div class="sides">
        ${this.request ? html`<section><h2>Request</h2>${this.requestView()}</section>` : nothing}
        ${this.result ? html`<section><h2>Result</h2>${this.resultView()}</section>` : nothing}
      </div>
      ${editsView(this.edits)}`;
  }

  requestView() {
    const request = this.request;
    return !request.kept
      ? html`<p class="none">Not kept: ${request.why}.</p>`
      : html`<p class="target"><code>POST ${request.path}${request.query ? `?${request.query}` : ''}</code>
            <span class="hint">${PLACES[request.place]}</span></p>
          ${request.bodyHidden
            ? html`<p class="none">You do not see bodies.</p>`
            : html`<body-view label="the request's body" .text=${request.body} .base64=${request.bodyBase64}></body-view>`}
          <h3>Headers</h3>${headerTable(request.headers, 'Request headers')}`;
  }

  resultView() {
    const result = this.result;
    return result.problem
      ? html`<p class="none">${result.problem}</p>`
      : html`<p class="target"><span class="status">${result.status}</span> <span class="hint">${result.type}</span></p>
          <body-view label="the result" .text=${result.text} .base64=${result.base64}></body-view>
          <h3>Headers</h3>${headerTable(result.headers, 'Headers of the result')}`;
  }
}

customElements.define('one-call', OneCall);

// Calls a function, now or through its queue, and shows the answer.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {ask} from '../../api.js';
import {textOrBase64} from '../../bytes.js';
import {duration} from '../../format.js';
import {link} from '../../router.js';
import {headerTable} from '../../parts/facts.js';
import {attempt} from '../../parts/toasts.js';
import '../../parts/body-view.js';

class InvokeForm extends Part {
  static properties = {name: {}, answer: {state: true}, busy: {state: true}};

  async submit(event) {
    event.preventDefault();
    const {path, type, body} = event.target.elements;
    const queued = event.submitter.value === 'queued';
    const target = `${queued ? 'async-function' : 'function'}/${this.name}/${path.value.replace(/^\//, '')}`;
    this.busy = true;
    const begun = performance.now();
    await attempt(async () => {
      const answer = await ask('POST', target, {body: body.value, headers: {'Content-Type': type.value || 'text/plain'}});
      const bytes = new Uint8Array(await answer.arrayBuffer());
      this.answer = {
        status: answer.status,
        seconds: (performance.now() - begun) / 1000,
        callId: queued && answer.status === 202 ? answer.headers.get('X-Call-Id') : null,
        headers: Object.fromEntries(answer.headers),
        ...textOrBase64(bytes),
      };
    });
    this.busy = false;
  }

  render() {
    return html`<form class="card" @submit=${this.submit}>
      <div class="fields"><label>Path <input name="path" value="/" autocomplete="off" spellcheck="false"></label>
        <label>Content type <input name="type" value="text/plain" autocomplete="off" spellcheck="false"></label></div>
      <label>Body to send <textarea name="body" rows="5" spellcheck="false"></textarea></label>
      <p class="actions"><button class="primary" value="now" ?disabled=${this.busy}>Call now</button>
        <button value="queued" ?disabled=${this.busy}>Queue a call</button></p></form>
      <div aria-live="polite">${this.answer ? this.answered() : nothing}</div>`;
  }

  answered() {
    const {status, seconds, callId, text, base64, headers} = this.answer;
    return html`<h3>Answer</h3>
      <p class="target"><span class="badge ${status < 400 ? 'ok' : 'bad'}">${status || 'a redirect'}</span>
        <span class="hint">after ${duration(seconds)}</span>
        ${callId ? html`<a href=${link(['calls', callId])}>See the call</a>` : nothing}</p>
      <body-view label="the answer" .text=${text} .base64=${base64}></body-view>
      <details><summary>Headers</summary>${headerTable(headers, 'Headers of the answer')}</details>`;
  }
}

customElements.define('invoke-form', InvokeForm);

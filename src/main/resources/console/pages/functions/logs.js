// What a function writes, as it writes it.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {send} from '../../api.js';
import {moment} from '../../format.js';

const KEPT = 500;

class FunctionLog extends Part {
  static properties = {name: {}, namespace: {}, lines: {state: true}, problem: {state: true}};

  constructor() {
    super();
    this.lines = [];
  }

  connectedCallback() {
    super.connectedCallback();
    this.follow();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.reading.abort();
  }

  async follow() {
    this.reading = new AbortController();
    this.problem = '';
    this.lines = [];
    try {
      const query = {name: this.name, namespace: this.namespace, tail: 100, follow: 'true'};
      const answer = await send('GET', 'system/logs', {query, signal: this.reading.signal});
      let rest = '';
      for await (const text of chunks(answer.body.pipeThrough(new TextDecoderStream()))) {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        this.add(lines.filter(Boolean).map(line => JSON.parse(line)));
      }
      this.problem = 'The log has ended.';
    } catch (problem) {
      this.problem = problem.name === 'AbortError' ? '' : problem.message;
    }
  }

  /** Stays at the end when it is there. */
  add(lines) {
    const box = this.querySelector('.log');
    const atEnd = !box || box.scrollHeight - box.scrollTop - box.clientHeight < 30;
    this.lines = [...this.lines, ...lines].slice(-KEPT);
    if (atEnd) {
      this.updateComplete.then(() => this.querySelector('.log')?.scrollTo(0, 1e9));
    }
  }

  render() {
    return html`<div class="log body" tabindex="0" role="log" aria-label="Log of ${this.name}">${this.lines.length === 0
        ? html`<span class="none">Nothing was written yet.</span>` : nothing}${this.lines.map(line => html`
        <div><span class="hint">${moment(line.timestamp)} ${line.instance}</span> ${line.text}</div>`)}</div>
      ${this.problem ? html`<p class="hint">${this.problem}
        <button @click=${this.follow}>Read it again</button></p>` : nothing}`;
  }
}

/** Not every browser can iterate a stream by itself. */
async function* chunks(stream) {
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    yield part.value;
  }
}

customElements.define('function-log', FunctionLog);

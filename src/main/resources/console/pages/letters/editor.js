// Changes a call before it goes round again: its body, its headers, its function.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {pretty} from '../../bytes.js';
import {diffView} from '../../parts/diff-view.js';
import '../../parts/code-area.js';

/** What the server shows in place of a header's value that is a secret. */
const HIDDEN = '(hidden)';

/** What is different: `{body?, headers?, function?}`; nothing when nothing is. */
export function difference(letter, edited) {
  const edits = {};
  if (letter.body !== undefined && edited.body !== letter.body) {
    edits.body = edited.body;
  }
  const headers = {};
  const before = Object.entries(letter.headers);
  for (const [name] of before) {
    if (!edited.headers.some(header => header.name.toLowerCase() === name.toLowerCase())) {
      headers[name] = null;
    }
  }
  for (const name of new Set(edited.headers.map(header => header.name))) {
    const values = edited.headers.filter(header => header.name === name).map(header => header.value);
    const old = before.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1] ?? [];
    const same = values.length === old.length && values.every((value, i) => value === old[i]);
    if (name && !same && !values.includes(HIDDEN)) {
      headers[name] = values;
    }
  }
  if (Object.keys(headers).length > 0) {
    edits.headers = headers;
  }
  if (edited.function && edited.function !== `${letter.function}.${letter.namespace}`) {
    edits.function = edited.function;
  }
  return Object.keys(edits).length > 0 ? edits : undefined;
}

/** JSON is compared tidied, so that only what it says counts. */
const changes = (before, after) => diffView(pretty(before) ?? before, pretty(after) ?? after, 'Changes of the body');

class LetterEditor extends Part {
  static properties = {letter: {}, busy: {}, headers: {state: true}, body: {state: true}, target: {state: true}};

  willUpdate(changed) {
    if (changed.has('letter') && changed.get('letter')?.id !== this.letter.id) {
      this.body = this.letter.body;
      this.target = `${this.letter.function}.${this.letter.namespace}`;
      this.headers = Object.entries(this.letter.headers)
        .flatMap(([name, values]) => values.map(value => ({name, value})));
    }
  }

  edits() {
    return difference(this.letter, {body: this.body, headers: this.headers, function: this.target});
  }

  change(at, what) {
    this.headers = this.headers.map((header, i) => (i === at ? {...header, ...what} : header));
  }

  submit(event) {
    event.preventDefault();
    this.tell('replay', this.edits());
  }

  render() {
    const edits = this.edits();
    return html`<form class="card editor" aria-label="Edit and replay" @submit=${this.submit}>
      <label>Function <input .value=${this.target} @input=${event => (this.target = event.target.value.trim())}></label>
      ${this.bodyField()}
      <fieldset><legend>Headers</legend>
        ${this.headers.map((header, i) => html`<div class="header-row">
          <input aria-label="Header name" .value=${header.name}
            @input=${event => this.change(i, {name: event.target.value.trim()})}>
          <input aria-label="Value of ${header.name}" .value=${header.value}
            @input=${event => this.change(i, {value: event.target.value})}>
          <button type="button" class="quiet" aria-label="Remove ${header.name}"
            @click=${() => (this.headers = this.headers.filter((_, at) => at !== i))}>✕</button></div>`)}
        <button type="button" @click=${() => (this.headers = [...this.headers, {name: '', value: ''}])}>Add a header</button>
      </fieldset>
      ${this.letter.callbackUrl ? html`<p class="hint">The result goes to ${this.letter.callbackUrl}.</p>` : nothing}
      <p class="actions"><button type="button" @click=${() => this.tell('close')}>Cancel</button>
        <button class="primary" ?disabled=${this.busy}>${edits ? 'Replay with these changes' : 'Replay unchanged'}</button></p>
    </form>`;
  }

  bodyField() {
    if (this.letter.body === undefined) {
      return html`<p class="hint">The body is not text; it is replayed as it was.</p>`;
    }
    const wasJson = pretty(this.letter.body) !== null;
    return html`<div class="field">Body
        <code-area .value=${this.body} label="Body" language=${wasJson ? 'json' : ''}
          @changed=${event => (this.body = event.detail)}></code-area></div>
      <button type="button" ?hidden=${!pretty(this.body) || pretty(this.body) === this.body}
        @click=${() => (this.body = pretty(this.body))}>Tidy the JSON</button>
      ${wasJson && pretty(this.body) === null
        ? html`<p class="notice warn" role="status">It was JSON, and is not any more.</p>` : nothing}
      ${this.body === this.letter.body ? nothing : changes(this.letter.body, this.body)}`;
  }
}

customElements.define('letter-editor', LetterEditor);

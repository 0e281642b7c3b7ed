// The file that holds a route: read by operators, changed by admins, and only to what runs.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {ask, json, segment, send} from '../../api.js';
import {may} from '../../session.js';
import {attempt, toast} from '../../parts/toasts.js';
import {diffView} from '../../parts/diff-view.js';
import '../../parts/code-area.js';

/** How long nothing is typed before the text is tried. */
const PAUSE = 500;

const AROUND = 3;
const YAML = {'Content-Type': 'application/yaml'};

class RouteSource extends Part {
  static properties = {
    route: {}, text: {state: true}, edited: {state: true}, problems: {state: true}, trouble: {state: true},
    stale: {state: true}, busy: {state: true},
  };

  connectedCallback() {
    super.connectedCallback();
    this.keep = event => this.dirty() && event.preventDefault();
    window.addEventListener('beforeunload', this.keep);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('beforeunload', this.keep);
    clearTimeout(this.timer);
  }

  willUpdate(changed) {
    if (changed.has('route')) {
      this.load();
    }
  }

  dirty() {
    return this.edited !== undefined && this.edited !== this.text;
  }

  async load() {
    this.edited = undefined;
    this.problems = [];
    this.trouble = '';
    this.stale = false;
    try {
      const answer = await send('GET', `system/routes/${segment(this.route)}/source`);
      this.tag = answer.headers.get('ETag');
      this.text = await answer.text();
    } catch (problem) {
      this.text = undefined;
      this.trouble = problem.message;
    }
  }

  typed(text) {
    this.edited = text;
    this.trouble = this.stale ? this.trouble : '';
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.attemptIt(), PAUSE);
  }

  /** Asks what would be wrong; what was typed meanwhile asks again. */
  async attemptIt() {
    const text = this.edited;
    if (text === undefined) {
      return;
    }
    try {
      const problems = await json('POST', 'system/routes/validate', {query: {file: this.file()}, headers: YAML, text});
      if (text === this.edited) {
        this.problems = problems;
      }
    } catch (problem) {
      this.trouble = problem.message;
    }
  }

  file() {
    return this.closest('one-route')?.shown?.file;
  }

  review() {
    clearTimeout(this.timer);
    this.querySelector('dialog').showModal();
  }

  async save() {
    this.querySelector('dialog').close();
    this.busy = true;
    this.trouble = '';
    await attempt(async () => {
      const answer = await ask('PUT', `system/routes/${segment(this.route)}/source`, {
        body: this.edited, headers: {...YAML, 'If-Match': this.tag}});
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) {
        this.tag = answer.headers.get('ETag');
        this.text = this.edited;
        this.edited = undefined;
        this.problems = [];
        toast(`${said.file} is saved and runs`);
        this.tell('saved');
      } else if (answer.status === 422) {
        this.problems = said.problems;
        this.trouble = 'Nothing was saved: the text would not run.';
      } else {
        this.stale = answer.status === 412;
        this.trouble = said.detail ?? `Nothing was saved: answer ${answer.status}`;
      }
    });
    this.busy = false;
  }

  render() {
    return html`<h2>Its file</h2>
      ${this.trouble ? html`<p class="notice bad" role="alert">${this.trouble} ${this.stale
        ? html`<button @click=${() => this.load()}>Drop my changes and load what is there</button>` : nothing}</p>` : nothing}
      ${this.text === undefined ? nothing : this.editor()}`;
  }

  editor() {
    const shown = this.edited ?? this.text;
    const editing = this.edited !== undefined;
    return html`
      <code-area .value=${shown} label="Text of the file" language="yaml" ?readonly=${!editing}
        .marks=${editing ? this.problems.map(problem => problem.line) : []}
        @changed=${event => this.typed(event.detail)}></code-area>
      <div role="status">${editing && this.problems.length ? html`<ul class="problems">${this.problems.map(problem => html`
        <li><button class="quiet" ?disabled=${!problem.line}
            @click=${() => this.querySelector('code-area').go(problem.line, problem.column)}>${where(problem)}</button>
          <span>${problem.message}</span>
          ${problem.suggestion ? html`<span class="hint">Did you mean <b>${problem.suggestion}</b>?</span>` : nothing}</li>`)}
        </ul>` : nothing}
        ${editing && !this.problems.length && this.dirty() ? html`<p class="hint">Nothing is wrong with it as far as is
          known.</p>` : nothing}</div>
      ${may('admin') ? html`<p class="actions">${editing
        ? html`<button class="primary" ?disabled=${!this.dirty() || this.busy} @click=${() => this.review()}>Review and
            save…</button>
          <button @click=${() => this.load()}>${this.dirty() ? 'Drop my changes' : 'Close the editor'}</button>`
        : html`<button @click=${() => (this.edited = this.text)}>Edit</button>`}</p>` : nothing}
      <dialog class="wide" aria-labelledby="review-title">
        <h2 id="review-title">Save these changes?</h2>
        ${this.dirty() ? diffView(this.text, this.edited, 'Changes of the file', AROUND) : nothing}
        <p class="hint">The new version takes over at once; what runs in the old one is finished. A text that would not run
          is not saved.</p>
        <p class="actions"><button @click=${() => this.querySelector('dialog').close()}>Back</button>
          <button class="primary" @click=${() => this.save()}>Save and run</button></p>
      </dialog>`;
  }
}

const where = ({line, column}) => (line ? `Line ${line}${column ? `, column ${column}` : ''}` : 'Somewhere');

customElements.define('route-source', RouteSource);

// What is told in passing: that something worked or did not, and how to undo it.
import {html, nothing} from 'lit';
import {repeat} from 'lit/directives/repeat.js';
import {Part} from '../part.js';

const SHOWN_FOR = 12_000;
let next = 0;
let list = null;

/**
 * Tells something. `action` is `{label, run}`, what can be done about it; a problem stays until it is closed, and so does
 * what can be undone.
 */
export function toast(text, {bad = false, action} = {}) {
  list?.add({id: next++, text, bad, action});
}

/** Does something; tells what went wrong. @returns whether nothing did */
export async function attempt(what) {
  try {
    await what();
    return true;
  } catch (problem) {
    toast(problem.message, {bad: true});
    return false;
  }
}

class ToastList extends Part {
  static properties = {toasts: {state: true}};

  constructor() {
    super();
    this.toasts = [];
    list = this;
  }

  add(toast) {
    this.toasts = [...this.toasts.slice(-3), toast];
    if (!toast.bad && !toast.action) {
      setTimeout(() => this.remove(toast), SHOWN_FOR);
    }
  }

  remove(toast) {
    this.toasts = this.toasts.filter(each => each !== toast);
  }

  async act(toast) {
    this.remove(toast);
    await attempt(toast.action.run);
  }

  render() {
    return html`<div role="status"><ul class="toasts">${repeat(this.toasts, each => each.id, each => html`
      <li class=${each.bad ? 'bad' : ''}>
        <span>${each.text}</span>
        ${each.action ? html`<button @click=${() => this.act(each)}>${each.action.label}</button>` : nothing}
        <button class="quiet" aria-label="Close this message" @click=${() => this.remove(each)}>✕</button>
      </li>`)}</ul></div>`;
  }
}

customElements.define('toast-list', ToastList);

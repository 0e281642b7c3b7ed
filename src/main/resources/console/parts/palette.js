// One line that leads anywhere: to pages, views, functions, queues and routes by their names, to what holds a text, to a call by id.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {functionName} from '../format.js';
import {pages} from '../pages.js';
import {link} from '../router.js';
import {may, seesAll} from '../session.js';
import {views} from '../views.js';

const MOST = 12;
const CALL_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(\.[0-9]+)?$/i;

/** What leads to somewhere by its name: `{kind, name, hash}` each. */
function named(functions, queues, routes) {
  return [
    ...pages().map(page => ({kind: 'Page', name: page.title, hash: link(page.path)})),
    ...views().map(view => ({kind: 'View', name: view.name, hash: view.hash})),
    ...(may('admin') ? [{kind: 'Do', name: 'Deploy a function', hash: link(['functions', 'new'])}] : []),
    ...functions.map(each => ({
      kind: 'Function', name: functionName(each.name, each.namespace),
      hash: link(['functions', `${each.name}.${each.namespace}`]),
    })),
    ...queues.map(queue => ({kind: 'Queue', name: queue.name, hash: link(['queues', queue.name])})),
    ...routes.map(route => ({kind: 'Route', name: route.id, hash: link(['routes', route.id])})),
  ];
}

/** What a text may be about besides: an id, or something that was said. */
function about(text) {
  if (text === '') {
    return [];
  }
  const found = [
    {kind: 'Search', name: `dead letters for “${text}”`, hash: link('dead-letters', {view: 'list', q: text})},
    {kind: 'Search', name: `calls for “${text}”`, hash: link('calls', {q: text})},
  ];
  if (!CALL_ID.test(text)) {
    return found;
  }
  const page = text.includes('.') ? 'dead-letters' : 'calls';
  return [{kind: page === 'calls' ? 'Call' : 'Dead letter', name: text, hash: link([page, text])}, ...found];
}

/** All words of the text, in any order; those first whose name begins with it. @param all `{kind, name, hash}` each */
export function matching(all, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const has = each => words.every(word => `${each.kind} ${each.name}`.toLowerCase().includes(word));
  const begins = each => (each.name.toLowerCase().startsWith(text.toLowerCase()) ? 0 : 1);
  return all.filter(has).sort((a, b) => begins(a) - begins(b));
}

class CommandPalette extends Part {
  static properties = {
    text: {state: true}, at: {state: true}, shown: {state: true}, functions: {state: true}, queues: {state: true},
    routes: {state: true},
  };

  constructor() {
    super();
    this.text = '';
    this.at = 0;
    this.shown = false;
    this.functions = [];
    this.queues = [];
    this.routes = [];
  }

  async open() {
    const dialog = this.querySelector('dialog');
    if (dialog.open) {
      return;
    }
    this.text = '';
    this.at = 0;
    this.shown = true;
    dialog.showModal();
    this.querySelector('input').focus();
    try {
      [this.functions, this.queues, this.routes] = await Promise.all(
        [get('system/functions'), get('system/queues'), seesAll() ? get('system/routes') : []]);
    } catch {
      // Without their names it leads to everything else.
    }
  }

  found() {
    return [...matching(named(this.functions, this.queues, this.routes), this.text).slice(0, MOST), ...about(this.text.trim())];
  }

  pressed(event) {
    const last = this.found().length - 1;
    const steps = {ArrowDown: 1, ArrowUp: -1};
    if (event.key in steps) {
      event.preventDefault();
      this.at = Math.max(0, Math.min(last, this.at + steps[event.key]));
      this.updateComplete.then(() => this.querySelector('[aria-selected=true]')?.scrollIntoView({block: 'nearest'}));
    }
  }

  typed(event) {
    this.text = event.target.value;
    this.at = 0;
  }

  go(event, hash = this.found()[this.at]?.hash) {
    event.preventDefault();
    this.querySelector('dialog').close();
    if (hash) {
      location.hash = hash;
    }
  }

  render() {
    const found = this.shown ? this.found() : [];
    return html`
      <button class="quiet" title="Go to… (Ctrl K)" aria-label="Go to…" @click=${this.open}>⌕</button>
      <dialog class="palette" aria-label="Go to" @close=${() => (this.shown = false)}>
        <form @submit=${this.go}>
          <input role="combobox" aria-label="Go to" aria-expanded="true" aria-controls="palette-found" aria-autocomplete="list"
            aria-activedescendant=${found.length ? `palette-${this.at}` : nothing} autocomplete="off" spellcheck="false"
            placeholder="a page, view, function, queue, call id, or a text to look for"
            .value=${this.text} @input=${this.typed} @keydown=${this.pressed}></form>
        <ul id="palette-found" role="listbox" aria-label="Where to">${found.map((each, i) => html`
          <li id="palette-${i}" role="option" aria-selected=${i === this.at} @click=${event => this.go(event, each.hash)}>
            <span class="hint">${each.kind}</span> ${each.name}</li>`)}</ul>
      </dialog>`;
  }
}

customElements.define('command-palette', CommandPalette);

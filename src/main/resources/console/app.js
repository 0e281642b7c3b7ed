// The frame around the pages: signing in, the menu, and what is told in passing.
import {html, nothing} from 'lit';
import {unsafeStatic, html as staticHtml} from 'lit/static-html.js';
import {Part} from './part.js';
import {pageAt, pages} from './pages.js';
import {link, place} from './router.js';
import {forget, resume, session, signOut} from './session.js';
import * as live from './live.js';
import {shortcutsPressed} from './keys.js';
import './parts/sign-in.js';
import './parts/toasts.js';
import './parts/keys-help.js';
import './parts/palette.js';
import './parts/theme-switch.js';

class CaravanConsole extends Part {
  static properties = {state: {state: true}, place: {state: true}, failure: {state: true}, connected: {state: true}};

  constructor() {
    super();
    this.state = 'starting'; // then signed-out, signed-in or unreachable
    this.place = place();
    this.shown = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('hashchange', () => this.move());
    window.addEventListener('signed-out', () => this.over());
    window.addEventListener('keydown', event => shortcutsPressed(event, this));
    live.listen(() => (this.connected = live.connected));
    this.begin();
  }

  async begin() {
    try {
      this.enter(await resume());
    } catch (problem) {
      this.failure = problem.message;
      this.state = 'unreachable';
    }
  }

  enter(who) {
    this.state = who ? 'signed-in' : 'signed-out';
    if (who) {
      live.start();
      this.show();
    }
  }

  /** The session is over, by whatever; the address stays, so that signing in leads back. */
  over() {
    live.stop();
    forget();
    this.state = 'signed-out';
  }

  async leave() {
    try {
      await signOut();
    } finally {
      this.over();
    }
  }

  move() {
    const before = this.place;
    this.place = place();
    if (this.state === 'signed-in') {
      this.show();
      if (before.page !== this.place.page || before.rest.join('/') !== this.place.rest.join('/')) {
        this.updateComplete.then(() => {
          window.scrollTo(0, 0);
          this.querySelector('main')?.focus({preventScroll: true});
        });
      }
    }
  }

  async show() {
    const page = pageAt(this.place.page);
    const {environment} = session();
    document.title = `${environment ? `${environment}: ` : ''}${page.title} · Caravan`;
    try {
      await page.load();
      this.shown.add(page.element);
    } catch {
      this.failure = 'A part of the console could not be loaded; reload the page.';
    }
    this.requestUpdate();
  }

  render() {
    const view = {
      'starting': () => nothing,
      'unreachable': () => html`<main class="alone"><h1>Caravan</h1>
        <p class="notice bad" role="alert">${this.failure}</p>
        <button @click=${() => this.begin()}>Try again</button></main>`,
      'signed-out': () => html`<sign-in-form @signed-in=${event => this.enter(event.detail)}></sign-in-form>`,
      'signed-in': () => this.frame(),
    };
    return html`${view[this.state]()}<toast-list></toast-list>`;
  }

  frame() {
    const page = pageAt(this.place.page);
    const who = session();
    return html`
      <button class="skip" @click=${() => this.querySelector('main').focus()}>Skip to content</button>
      <header class="bar ${who.environment ? `in-${who.environmentColour}` : ''}">
        <a class="brand" href="#/"><img src="icon.svg" alt="" width="22" height="22">Caravan</a>
        ${who.environment ? html`<span class="badge place" title="Environment">${who.environment}</span>` : nothing}
        <nav aria-label="Pages"><ul>${pages().map(each => html`
          <li><a href=${link(each.path)} aria-current=${each === page ? 'page' : nothing}>${each.title}</a></li>`)}
        </ul></nav>
        <div class="bar-end">
          <span class="live ${this.connected ? 'on' : ''}" role="status"
            >${this.connected ? 'Live' : 'Not live'}</span>
          ${who.readOnly ? html`<span class="badge warn" title="CARAVAN_READ_ONLY is set">read-only</span>` : nothing}
          <command-palette></command-palette>
          <keys-help></keys-help>
          <theme-switch></theme-switch>
          ${who.user
            ? html`<span class="who" title="Role: ${who.role}">${who.user}</span>
                <button class="quiet" @click=${() => this.leave()}>Sign out</button>`
            : nothing}
        </div>
      </header>
      <main id="main" tabindex="-1">
        ${this.failure ? html`<p class="notice bad" role="alert">${this.failure}</p>` : nothing}
        ${this.shown.has(page.element) ? this.page(page) : nothing}
      </main>`;
  }

  page(page) {
    const tag = unsafeStatic(page.element); // from the page list, nobody else's words
    return staticHtml`<${tag} .rest=${this.place.rest} .query=${this.place.query}></${tag}>`;
  }
}

customElements.define('caravan-console', CaravanConsole);

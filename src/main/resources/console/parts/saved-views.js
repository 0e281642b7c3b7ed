// Gives what is shown a name, and leads back to what has one.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {may, seesAll} from '../session.js';
import {drop, keep, refresh, share, views} from '../views.js';
import {attempt} from './toasts.js';

class SavedViews extends Part {
  static properties = {naming: {state: true}};

  changed = () => this.requestUpdate();

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('views-changed', this.changed);
    window.addEventListener('hashchange', this.changed);
    refresh();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    window.removeEventListener('views-changed', this.changed);
    window.removeEventListener('hashchange', this.changed);
  }

  /** Those of this page; where in a list one was is not part of a view. */
  here() {
    const page = location.hash.split('?')[0];
    return views().filter(each => each.hash.split('?')[0] === page);
  }

  async name() {
    this.naming = true;
    await this.updateComplete;
    this.querySelector('input').focus();
  }

  async save(event) {
    event.preventDefault();
    event.stopPropagation();
    const {view, everybody} = event.target.elements;
    const name = view.value.trim();
    const [page, query = ''] = location.hash.split('?', 2);
    const said = new URLSearchParams(query);
    said.delete('cursor');
    const place = said.size > 0 ? `${page}?${said}` : page;
    if (name && everybody?.checked) {
      await attempt(() => share(name, place));
    } else if (name) {
      keep(name, place);
    }
    this.naming = false;
  }

  render() {
    return html`${this.here().map(each => html`<span class="view"><a href=${each.hash}
          title=${each.shared ? `for everybody, by ${each.shared}` : nothing}
          aria-current=${each.hash === location.hash || nothing}>${each.name}${each.shared
            ? html`<span class="hint"> (shared)</span>` : nothing}</a>${!each.shared || may('operator')
          ? html`<button class="quiet small" aria-label="Forget the view ${each.name}"
              @click=${() => attempt(() => drop(each))}>✕</button>` : nothing}</span>`)}
      ${this.naming
        ? html`<form class="inline" @submit=${this.save} @keydown=${event => event.key === 'Escape' && (this.naming = false)}>
            <input name="view" required maxlength="60" aria-label="Name of this view" placeholder="name of this view"
              autocomplete="off">${may('operator') && seesAll() ? html`<label class="check"><input type="checkbox" name="everybody">
              for everybody</label>` : nothing}<button>Save</button></form>`
        : html`<button class="quiet" @click=${this.name}>Save this view</button>`}`;
  }
}

customElements.define('saved-views', SavedViews);

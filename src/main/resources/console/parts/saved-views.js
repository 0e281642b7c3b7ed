// Gives what is shown a name, and leads back to what has one.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {drop, keep, views} from '../views.js';

class SavedViews extends Part {
  static properties = {naming: {state: true}};

  changed = () => this.requestUpdate();

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener('views-changed', this.changed);
    window.addEventListener('hashchange', this.changed);
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

  save(event) {
    event.preventDefault();
    event.stopPropagation();
    const name = event.target.elements.view.value.trim();
    const [page, query = ''] = location.hash.split('?', 2);
    const said = new URLSearchParams(query);
    said.delete('cursor');
    if (name) {
      keep(name, said.size > 0 ? `${page}?${said}` : page);
    }
    this.naming = false;
  }

  render() {
    return html`${this.here().map(each => html`<span class="view"><a href=${each.hash}
          aria-current=${each.hash === location.hash || nothing}>${each.name}</a><button class="quiet small"
          aria-label="Forget the view ${each.name}" @click=${() => drop(each.name)}>✕</button></span>`)}
      ${this.naming
        ? html`<form class="inline" @submit=${this.save} @keydown=${event => event.key === 'Escape' && (this.naming = false)}>
            <input name="view" required maxlength="60" aria-label="Name of this view" placeholder="name of this view"
              autocomplete="off"><button>Save</button></form>`
        : html`<button class="quiet" @click=${this.name}>Save this view</button>`}`;
  }
}

customElements.define('saved-views', SavedViews);

// Shows bytes that somebody else made: as text that means nothing to the browser, or as hex.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {bytesOf, hex, pretty} from '../bytes.js';
import {size} from '../format.js';

const MOST_TEXT = 200_000;
const MOST_BYTES = 16_384;

/** `text` or `base64`; one of the two. */
class BodyView extends Part {
  static properties = {text: {}, base64: {}, label: {}, as: {state: true}};

  willUpdate(changed) {
    if (changed.has('text') || changed.has('base64')) {
      this.bytes = this.base64 ? bytesOf(this.base64) : new TextEncoder().encode(this.text ?? '');
      this.tidy = this.base64 ? null : pretty(this.text ?? '');
      this.as = this.base64 ? 'hex' : this.tidy ? 'tidy' : 'text';
    }
  }

  render() {
    if (this.bytes.length === 0) {
      return html`<p class="none">Empty.</p>`;
    }
    const ways = [['tidy', 'JSON', this.tidy], ['text', 'Text', !this.base64], ['hex', 'Hex', true]];
    const shown = {tidy: () => this.tidy, text: () => this.text, hex: () => hex(this.bytes, MOST_BYTES)}[this.as]();
    return html`
      <div class="body-bar"><div class="switch" role="group" aria-label="Show ${this.label} as">
        ${ways.filter(([, , there]) => there).map(([as, word]) => html`
          <button aria-pressed=${this.as === as} @click=${() => (this.as = as)}>${word}</button>`)}</div>
        <span class="hint">${size(this.bytes.length)}</span></div>
      <pre class="body" tabindex="0" role="region" aria-label=${this.label}>${shown.slice(0, MOST_TEXT)}</pre>
      ${shown.length > MOST_TEXT || this.as === 'hex' && this.bytes.length > MOST_BYTES
        ? html`<p class="hint">Only the beginning is shown.</p>` : nothing}`;
  }
}

customElements.define('body-view', BodyView);

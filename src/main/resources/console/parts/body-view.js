// Shows bytes that somebody else made: as text that means nothing to the browser, as a picture's points, or as hex.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {bytesOf, hex, pretty} from '../bytes.js';
import {size} from '../format.js';
import {pictureOf} from '../picture.js';
import {tidyXml} from '../xml.js';
import {copy} from './facts.js';

const MOST_TEXT = 200_000;
const MOST_BYTES = 16_384;

/** `text` or `base64`; one of the two. */
class BodyView extends Part {
  static properties = {text: {}, base64: {}, label: {}, as: {state: true}, address: {state: true}, broken: {state: true}};

  willUpdate(changed) {
    if (changed.has('text') || changed.has('base64')) {
      this.bytes = this.base64 ? bytesOf(this.base64) : new TextEncoder().encode(this.text ?? '');
      this.json = this.base64 ? null : pretty(this.text ?? '');
      this.xml = this.base64 || this.json ? null : tidyXml(this.text ?? '');
      this.show(pictureOf(this.bytes));
      this.as = this.picture ? 'picture' : this.base64 ? 'hex' : this.json ? 'json' : this.xml ? 'xml' : 'text';
    }
  }

  connectedCallback() {
    super.connectedCallback();
    if (this.picture) {
      this.show(this.picture);
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    URL.revokeObjectURL(this.address);
  }

  /** It comes from here, is what its first bytes say, and is given back when it is no longer shown. */
  show(picture) {
    URL.revokeObjectURL(this.address);
    this.broken = false;
    this.picture = picture;
    this.address = picture ? URL.createObjectURL(new Blob([this.bytes], {type: picture.type})) : '';
  }

  ways() {
    return [
      ['picture', 'Picture', this.picture], ['json', 'JSON', this.json], ['xml', 'XML', this.xml],
      ['text', 'Text', !this.base64], ['hex', 'Hex', true],
    ].filter(([, , there]) => there);
  }

  shown() {
    return {json: () => this.json, xml: () => this.xml, text: () => this.text, hex: () => hex(this.bytes, MOST_BYTES)}[this.as]();
  }

  download() {
    const ending = this.picture?.type.split('/')[1] ?? (this.json ? 'json' : this.xml ? 'xml' : this.base64 ? 'bin' : 'txt');
    const link = document.createElement('a');
    // As bytes: what is called a page would be one when it is opened.
    link.href = URL.createObjectURL(new Blob([this.bytes], {type: 'application/octet-stream'}));
    link.download = `${this.label.replace(/^the |'s\b/g, '').replaceAll(' ', '-')}.${ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  render() {
    if (this.bytes.length === 0) {
      return html`<p class="none">Empty.</p>`;
    }
    return html`
      <div class="body-bar"><div class="switch" role="group" aria-label="Show ${this.label} as">
        ${this.ways().map(([as, word]) => html`
          <button aria-pressed=${this.as === as} @click=${() => (this.as = as)}>${word}</button>`)}</div>
        <span class="hint">${size(this.bytes.length)}</span>
        ${this.as === 'picture' ? nothing : html`<button class="quiet" @click=${() => copy(this.shown())}
          >Copy<span class="sr"> ${this.label}</span></button>`}
        <button class="quiet" @click=${this.download}>Download<span class="sr"> ${this.label}</span></button></div>
      ${this.as === 'picture' ? this.pictureView() : this.textView(this.shown())}`;
  }

  pictureView() {
    const {type, width, height} = this.picture;
    return html`<p class="picture">${this.broken
        ? html`<span class="none">It says that it is a picture, and cannot be read.</span>`
        : html`<img src=${this.address} alt="Picture in ${this.label}" @error=${() => (this.broken = true)}>`}</p>
      <p class="hint">${type}, ${width} × ${height}</p>`;
  }

  textView(shown) {
    return html`<pre class="body" tabindex="0" role="region" aria-label=${this.label}>${shown.slice(0, MOST_TEXT)}</pre>
      ${shown.length > MOST_TEXT || this.as === 'hex' && this.bytes.length > MOST_BYTES
        ? html`<p class="hint">Only the beginning is shown.</p>` : nothing}`;
  }
}

customElements.define('body-view', BodyView);

// Text with lines and a language: route files, bodies. The editor is fetched when the first of them is shown.
import {LitElement, html, nothing} from 'lit';

class CodeArea extends LitElement {
  static properties = {
    value: {}, label: {}, language: {}, readonly: {type: Boolean}, marks: {}, trouble: {state: true},
  };

  constructor() {
    super();
    this.value = '';
    this.marks = [];
  }

  connectedCallback() {
    super.connectedCallback();
    this.open();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.editor?.close();
    this.editor = undefined;
  }

  async open() {
    try {
      const {Editor} = await import('../editor.js');
      if (this.isConnected && !this.editor) {
        this.editor = new Editor(this.renderRoot, this, text => this.changed(text));
      }
    } catch (problem) {
      this.trouble = problem.message;
    }
  }

  updated() {
    this.editor?.show(this);
  }

  changed(text) {
    this.value = text;
    this.dispatchEvent(new CustomEvent('changed', {detail: text, bubbles: true}));
  }

  /** Puts the cursor at a place, counted from 1. */
  go(line, column) {
    this.editor?.go(line, column || 1);
  }

  render() {
    return this.trouble ? html`<p role="alert">The editor cannot be shown: ${this.trouble}</p>` : nothing;
  }
}

customElements.define('code-area', CodeArea);

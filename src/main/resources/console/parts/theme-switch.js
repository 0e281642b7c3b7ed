// Light or dark: as the system has it, unless somebody says otherwise here.
import {html} from 'lit';
import {Part} from '../part.js';

const KEY = 'caravan.theme';
const NEXT = {system: 'light', light: 'dark', dark: 'system'};
const SIGN = {system: '◐', light: '☀', dark: '☾'};

class ThemeSwitch extends Part {
  static properties = {theme: {state: true}};

  constructor() {
    super();
    const kept = localStorage.getItem(KEY);
    this.use(kept in NEXT ? kept : 'system');
  }

  use(theme) {
    this.theme = theme;
    localStorage.setItem(KEY, theme);
    document.documentElement.dataset.theme = theme;
  }

  render() {
    return html`<button class="quiet" title="Colours: ${this.theme}" aria-label="Colours: ${this.theme}"
      @click=${() => this.use(NEXT[this.theme])}>${SIGN[this.theme]}</button>`;
  }
}

customElements.define('theme-switch', ThemeSwitch);

// A text area with line numbers, for files. Tab leads on, as everywhere: nobody shall be held in it.
import {html} from 'lit';
import {Part} from '../part.js';

class CodeArea extends Part {
  static properties = {value: {}, label: {}, readonly: {type: Boolean}, marks: {}};

  constructor() {
    super();
    this.value = '';
    this.marks = [];
  }

  changed(event) {
    this.value = event.target.value;
    this.tell('changed', this.value);
  }

  /** A new line begins where the one before does. */
  pressed(event) {
    if (event.key !== 'Enter' || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || this.readonly) {
      return;
    }
    const area = event.target;
    const before = area.value.slice(0, area.selectionStart);
    const indent = before.slice(before.lastIndexOf('\n') + 1).match(/^ */)[0];
    event.preventDefault();
    // Outdated, and yet the only way that leaves "undo" as it is.
    if (!document.execCommand('insertText', false, `\n${indent}`)) {
      area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, 'end');
      this.changed(event);
    }
  }

  /** Puts the cursor at a place, counted from 1. */
  show(line, column) {
    const area = this.querySelector('textarea');
    const lines = this.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    const at = start + Math.max(0, (column || 1) - 1);
    area.focus();
    area.setSelectionRange(at, start + (lines[line - 1] ?? '').length);
    const height = area.scrollHeight / lines.length;
    area.scrollTop = Math.max(0, (line - 4) * height);
  }

  scrolled(event) {
    this.querySelector('.numbers').scrollTop = event.target.scrollTop;
  }

  render() {
    const lines = this.value.split('\n').length;
    return html`<div class="code-area">
      <div class="numbers" aria-hidden="true">${Array.from({length: lines}, (_, i) => html`
        <div class=${this.marks.includes(i + 1) ? 'bad' : ''}>${i + 1}</div>`)}</div>
      <textarea wrap="off" spellcheck="false" autocapitalize="off" autocomplete="off" aria-label=${this.label}
        rows=${Math.min(34, Math.max(8, lines + 1))} ?readonly=${this.readonly} .value=${this.value}
        @input=${this.changed} @keydown=${this.pressed} @scroll=${this.scrolled}></textarea></div>`;
  }
}

customElements.define('code-area', CodeArea);

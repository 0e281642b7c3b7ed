// What is known about one thing, and headers of messages.
import {html} from 'lit';
import {toast} from './toasts.js';

/** Pairs of a word and what it is; those that are nothing are left out. */
export const facts = pairs => html`<dl class="facts">${pairs
  .filter(([, value]) => value !== undefined && value !== null && value !== '')
  .map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}</dl>`;

/** @param all name → values */
export function headerTable(all, label) {
  const rows = Object.entries(all).flatMap(([name, values]) => [].concat(values).map(value => [name, value]));
  return rows.length === 0
    ? html`<p class="none">None.</p>`
    : html`<table class="plain headers" aria-label=${label}><tbody>${rows.map(([name, value]) => html`
        <tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>`;
}

/** A text that is copied by a click: ids, mostly. */
export const copied = text => html`<span class="copied"><code>${text}</code><button class="quiet small"
  @click=${() => copy(text)}>Copy<span class="sr"> ${text}</span></button></span>`;

/** Browsers let a page do so only over HTTPS, or on this machine. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast('Copied');
  } catch {
    toast('The browser does not let this page copy', {bad: true});
  }
}

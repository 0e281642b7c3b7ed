// What is different between two texts, to be looked at before it is made so.
import {html, nothing} from 'lit';
import {diff} from '../diff.js';

const SIGNS = {same: ' ', gone: '−', new: '+'};
const WORDS = {gone: 'removed: ', new: 'added: '};

/**
 * The lines of both, those that are gone and new marked.
 *
 * @param label what they are, for who cannot see it
 * @param around how many lines that are the same stand around each change; all when it is not said
 */
export function diffView(before, after, label, around = Infinity) {
  const lines = diff(before, after);
  if (lines === null) {
    return html`<p class="hint">There are too many lines to compare.</p>`;
  }
  const changed = lines.flatMap((line, i) => (line.kind === 'same' ? [] : [i]));
  const near = i => changed.some(at => Math.abs(at - i) <= around);
  return html`<div class="diff" role="region" aria-label=${label} tabindex="0">${lines.map((line, i) => near(i)
    ? html`<div class=${line.kind}><span aria-hidden="true">${SIGNS[line.kind]}</span>${
      line.kind === 'same' ? nothing : html`<span class="sr">${WORDS[line.kind]}</span>`}${line.text}</div>`
    : near(i - 1) ? html`<div class="more">⋯</div>` : nothing)}</div>`;
}

// What became of each attempt of a call.
import {html, nothing} from 'lit';
import {duration, moment} from '../format.js';

/** @param attempts oldest first: those of a call, or a letter's history */
export function timeline(attempts) {
  if (attempts.length === 0) {
    return html`<p class="none">No attempt is over yet.</p>`;
  }
  return html`<ol class="timeline">${attempts.map((each, i) => html`
    ${each.generation > 1 && each.generation !== attempts[i - 1]?.generation
      ? html`<li class="mark">Replayed: generation ${each.generation}</li>` : nothing}
    <li class=${ok(each) ? 'ok' : 'bad'}>
      <div class="attempt-head"><b>Attempt ${each.attempt}</b>
        <span class="badge ${ok(each) ? 'ok' : 'bad'}">${each.statusCode || 'no answer'}</span>
        <span>${moment(each.startedAt)}</span><span class="hint">took ${duration(each.durationSeconds)}${
          each.worker ? ` on ${each.worker}` : ''}</span></div>
      ${each.error ? html`<p class="error-text">${each.error}</p>` : nothing}
      ${each.responseExcerpt
        ? html`<details ?open=${i === attempts.length - 1}><summary>What it answered</summary>
            <pre class="body short" tabindex="0" role="region"
              aria-label="Answer of attempt ${each.attempt}">${each.responseExcerpt}</pre></details>`
        : nothing}
    </li>`)}</ol>`;
}

const ok = attempt => attempt.statusCode >= 200 && attempt.statusCode < 400 && !attempt.error;

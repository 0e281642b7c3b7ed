// What was edited when a call was replayed: the request that failed beside the one that went out.
import {html, nothing} from 'lit';
import {get, segment} from '../../api.js';
import {pretty} from '../../bytes.js';
import {moment, size} from '../../format.js';
import {diffView} from '../../parts/diff-view.js';

/** So many lines that are the same stand around each change. */
const AROUND = 3;

/** Those of a call, the oldest first; none when it is not known any more. */
export async function editsOf(callId, signal) {
  try {
    return await get(`system/calls/${segment(callId)}/edits`, {}, signal);
  } catch (problem) {
    if (problem.status !== 404) {
      throw problem;
    }
    return [];
  }
}

/** A request as one reads it: its line, its headers, its body. */
function text({function: name, namespace, path, query, headers, ...request}) {
  const lines = Object.entries(headers).flatMap(([header, values]) => values.map(value => `${header}: ${value}`));
  return [`POST ${name}.${namespace}${path}${query ? `?${query}` : ''}`, ...lines, '', body(request)].join('\n');
}

function body(request) {
  if (request.body !== undefined) {
    return pretty(request.body) ?? request.body;
  }
  return request.bodyBase64 ?? (request.bodyHidden ? '(you do not see bodies)' : `(${size(request.size)})`);
}

/** @param edits as {@link editsOf} gives them */
export const editsView = edits => (edits?.length ? html`<section><h2>What was edited</h2>${edits.map(edit => html`
  <p class="hint">Generation ${edit.generation}, ${moment(edit.at)}: the request that failed, and the replay.</p>
  ${diffView(text(edit.before), text(edit.after), `Edits of generation ${edit.generation}`, AROUND)}`)}</section>` : nothing);

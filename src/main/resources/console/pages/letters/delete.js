// Deleting letters, and taking that back.
import {json, segment} from '../../api.js';
import {counted} from '../../format.js';
import {toast} from '../../parts/toasts.js';

/** Deletes letters one by one and offers to undo it. @param then what to do afterwards, and after the undo */
export async function deleteLetters(ids, then) {
  const done = [];
  try {
    for (const id of ids) {
      await json('DELETE', `system/dead-letters/${segment(id)}`);
      done.push(id);
    }
  } catch (problem) {
    toast(problem.message, {bad: true});
  }
  if (done.length > 0) {
    toast(`${counted(done.length, 'letter')} deleted`, {action: {label: 'Undo', run: () => restore(done, then)}});
  }
  then(done);
}

async function restore(ids, then) {
  for (const id of ids) {
    await json('POST', `system/dead-letters/${segment(id)}/restore`);
  }
  toast(`${counted(ids.length, 'letter')} restored`);
  then([]);
}

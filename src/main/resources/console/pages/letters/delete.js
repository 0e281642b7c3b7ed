// Deleting letters, and taking that back.
import {get, json, segment} from '../../api.js';
import {counted} from '../../format.js';
import {confirm} from '../../parts/confirm.js';
import {toast} from '../../parts/toasts.js';

/** What can be undone must be known by its ids, and each is a request. */
const MOST = 5_000;
const PAGE = 500;
const AT_ONCE = 8;

/** From so many on, their number must be typed. */
export const MANY = 100;

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
    offerUndo(done, then);
  }
  then(done);
}

/** Deletes all that a filter finds now, when that is confirmed, and offers to undo it. */
export async function deleteAll({cursor, limit, ...filter}, then) {
  const known = {...filter, until: filter.until ?? new Date().toISOString()};
  try {
    const {total} = await get('system/dead-letters', {...known, limit: 1});
    const ids = total > MOST ? [] : await all(known);
    const sure = await confirm({
      title: `Delete ${counted(total, 'letter')}?`,
      text: total > MOST
        ? 'Their calls stay dead. They are too many to undo it here: export them before.'
        : 'Their calls stay dead. The message that follows offers to undo it.',
      verb: 'Delete them',
      typed: total >= MANY ? String(total) : '',
      why: true,
    });
    if (sure) {
      const {deleted} = await json('DELETE', 'system/dead-letters', {query: known, reason: sure.reason});
      total > MOST ? toast(`${counted(deleted, 'letter')} deleted`) : offerUndo(ids, then);
      then(ids);
    }
  } catch (problem) {
    toast(problem.message, {bad: true});
  }
}

async function all(filter) {
  const ids = [];
  let cursor = '';
  do {
    const page = await get('system/dead-letters', {...filter, limit: PAGE, cursor});
    ids.push(...page.items.map(letter => letter.id));
    cursor = page.next;
  } while (cursor);
  return ids;
}

function offerUndo(ids, then) {
  toast(`${counted(ids.length, 'letter')} deleted`, {action: {label: 'Undo', run: () => restore(ids, then)}});
}

async function restore(ids, then) {
  const left = [...ids];
  const one = async () => {
    while (left.length > 0) {
      await json('POST', `system/dead-letters/${segment(left.pop())}/restore`);
    }
  };
  await Promise.all(Array.from({length: AT_ONCE}, one));
  toast(`${counted(ids.length, 'letter')} restored`);
  then([]);
}

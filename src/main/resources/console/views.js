// Views that somebody has given a name: places of the console, kept in this browser or, for everybody, by Caravan.
import {get, json, send} from './api.js';
import {seesAll} from './session.js';

const KEY = 'caravan.views';
const MOST = 50;

let shared = [];

/** `[{name, hash, shared?}]`, by name; those of everybody come first. */
export const views = () => [...shared, ...own()];

/** What cannot be read, since somebody else wrote it, is nothing. */
function own() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept)
      ? kept.filter(each => typeof each?.name === 'string' && String(each.hash).startsWith('#/')) : [];
  } catch {
    return [];
  }
}

/** Asks for those of everybody. What cannot be had now is left as it was: they are a help and nothing more. */
export async function refresh() {
  try {
    const all = seesAll() ? await get('system/views') : [];
    shared = all.map(({name, place, savedBy}) => ({name, hash: place, shared: savedBy || 'somebody'}));
    changed();
  } catch {
    changed();
  }
}

/** One of the same name is replaced. */
export function keep(name, hash) {
  const others = own().filter(each => each.name !== name);
  write([...others, {name, hash}].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST));
}

/** For everybody. @throws ApiError */
export async function share(name, hash) {
  await json('PUT', 'system/views', {body: {name, place: hash}});
  await refresh();
}

/** @throws ApiError for one of everybody's */
export async function drop(view) {
  if (view.shared) {
    await send('DELETE', 'system/views', {query: {name: view.name}});
    await refresh();
  } else {
    write(own().filter(each => each.name !== view.name));
  }
}

function write(all) {
  localStorage.setItem(KEY, JSON.stringify(all));
  changed();
}

const changed = () => window.dispatchEvent(new CustomEvent('views-changed'));

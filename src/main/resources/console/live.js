// What happens on the server, as it happens, over one connection for all pages of this tab.
import {address, get} from './api.js';

const TYPES = ['call', 'queue', 'deployment', 'lost'];
const RETRY = 5_000;

const listeners = new Set();
let source = null;
let retry = 0;

/** Whether events come in right now. */
export let connected = false;

/**
 * Has `listener` told of every event, as `{type, ...}`, and with `{type: 'connection'}` of the connection itself: behind a
 * gap nobody knows what has happened.
 *
 * @returns what ends it
 */
export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let wanted = false;

/** A tab that nobody sees needs no connection, of which a browser has only a few. */
document.addEventListener('visibilitychange', () => {
  if (wanted) {
    document.hidden ? close() : open();
  }
});

export function start() {
  wanted = true;
  if (!document.hidden) {
    open();
  }
}

export function stop() {
  wanted = false;
  close();
}

function open() {
  close();
  source = new EventSource(address('system/events', {types: 'call,queue,deployment'}));
  source.onopen = () => changed(true);
  source.onerror = () => {
    changed(false);
    if (source?.readyState === EventSource.CLOSED) {
      refused();
    }
  };
  for (const type of TYPES) {
    source.addEventListener(type, event => tell({type, ...JSON.parse(event.data)}));
  }
}

/**
 * The browser gives up, we do not. Why is not told: when the session is over, asking for it makes that known to the whole
 * console, and then nothing is wanted any more.
 */
async function refused() {
  try {
    await get('system/session');
  } catch {
    // Said by whatever the pages ask for: here it only means that it is tried again.
  }
  if (wanted && !document.hidden) {
    clearTimeout(retry);
    retry = setTimeout(open, RETRY);
  }
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
  changed(false);
}

function changed(now) {
  if (now !== connected) {
    connected = now;
    tell({type: 'connection'});
  }
}

function tell(event) {
  for (const listener of listeners) {
    listener(event);
  }
}

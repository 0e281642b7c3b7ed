// What happens on the server, as it happens, over one connection for all pages of this tab.
import {address} from './api.js';

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
      retry = setTimeout(open, RETRY); // refused, or a server that is not up yet: the browser gives up, we do not
    }
  };
  for (const type of TYPES) {
    source.addEventListener(type, event => tell({type, ...JSON.parse(event.data)}));
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

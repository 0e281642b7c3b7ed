// What can be done without a mouse. Single letters can be switched off, since some people speak to their computer.
import {pages} from './pages.js';
import {go} from './router.js';

const SWITCH = 'caravan.single-keys';

export const singleKeys = () => localStorage.getItem(SWITCH) !== 'off';
export const useSingleKeys = on => localStorage.setItem(SWITCH, on ? 'on' : 'off');

export const shortcuts = [
  ['Ctrl K', 'Go to a page, view, function, queue, route, call or text'],
  ['j, k', 'Next and previous row'],
  ['Enter', 'Open the row'],
  ['x', 'Select the row'],
  ['X', 'Select all rows of the page'],
  ['/', 'Search'],
  ['r', 'Load again'],
  ['?', 'This list'],
];

const typing = element => element.closest?.('input, textarea, select, code-area, dialog');

/** Does what a key stands for, if it stands for something here. */
export function shortcutsPressed(event, root) {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key === 'k') {
    const palette = root.querySelector('command-palette');
    if (palette) {
      event.preventDefault(); // nor does the browser search
      palette.open();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !singleKeys() || typing(event.target)) {
    return;
  }
  const actions = {
    'j': () => step(root, 1),
    'k': () => step(root, -1),
    'x': () => event.target.closest('tr')?.querySelector('input[type=checkbox]')?.click(),
    'X': () => root.querySelector('main th.tick input')?.click(),
    '/': () => root.querySelector('input[type=search]')?.focus(),
    'r': () => root.querySelector('[data-reload]')?.click(),
    '?': () => root.querySelector('keys-help button')?.click(),
  };
  const digit = Number(event.key);
  const action = digit >= 1 && digit <= pages().length ? () => go(pages()[digit - 1].path) : actions[event.key];
  if (action) {
    event.preventDefault();
    action();
  }
}

/** Moves the focus between rows: to the link that opens each. */
function step(root, by) {
  const links = [...root.querySelectorAll('main table a.opens')];
  const now = links.indexOf(document.activeElement?.closest('tr')?.querySelector('a.opens'));
  links[Math.max(0, Math.min(links.length - 1, now + by))]?.focus();
}

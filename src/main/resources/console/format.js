// How times, durations, sizes and numbers are written.
import {html} from 'lit';

const number = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
const day = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short'});

export const count = value => number.format(value);

/** One of something is not some of it. */
export const counted = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** A moment: the time of day, and the day when it is not today's. The exact one shows when it is pointed at. */
export function moment(iso) {
  const at = new Date(iso);
  if (!iso || Number.isNaN(at.getTime())) {
    return '–';
  }
  const today = at.toDateString() === new Date().toDateString();
  return html`<time datetime=${iso} title=${`${iso} · ${ago(iso)}`}
    >${today ? '' : `${day.format(at)} `}${clock.format(at)}</time>`;
}

/** How long ago, in one unit. */
export function ago(iso) {
  const seconds = (Date.now() - new Date(iso).getTime()) / 1000;
  return seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`;
}

/** A length of time in seconds, to two or three digits. */
export function duration(seconds) {
  if (seconds === undefined || seconds === null) {
    return '–';
  }
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 60) {
    return `${seconds < 10 && !Number.isInteger(seconds) ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  if (seconds < 3600) {
    return both(Math.floor(seconds / 60), 'min', Math.round(seconds % 60), 's');
  }
  if (seconds < 172_800) {
    return both(Math.floor(seconds / 3600), 'h', Math.round((seconds % 3600) / 60), 'min');
  }
  return `${Math.floor(seconds / 86_400)} days`;
}

const both = (large, unit, small, smaller) => `${large} ${unit}${small > 0 ? ` ${small} ${smaller}` : ''}`;

export function size(bytes) {
  if (bytes < 1024) {
    return counted(bytes, 'byte');
  }
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** The address of a route's trigger as one reads it: how it is set stands in its file. */
export const addressOf = uri => uri.replace(/\?.*/, '').replace(':///', ':/').replace('://', ':');

/** The name of a function as one reads it: the default namespace goes without saying. */
export const functionName = (name, namespace) =>
  namespace && namespace !== 'openfaas-fn' ? `${name}.${namespace}` : name;

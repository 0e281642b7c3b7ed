// A row of filters that is the query of the address: what is found can be sent to somebody.
import {html, nothing} from 'lit';
import {live} from 'lit/directives/live.js';
import {go, link} from '../router.js';
import './saved-views.js';
import './search-help.js';

const AGES = {'15m': 15 * 60, '1h': 3600, '24h': 86_400, '7d': 7 * 86_400};
const RANGE = 'range';
const AGE_WORDS = {
  '15m': 'last 15 minutes', '1h': 'last hour', '24h': 'last 24 hours', '7d': 'last 7 days', [RANGE]: 'from … to …',
};

/**
 * A filter by time. How old, in the address, is asked as since when, so it goes on with the clock; from when to when is
 * the same for whoever opens the address, whenever that is.
 */
export const age = {name: 'age', label: 'When', options: Object.entries(AGE_WORDS), any: 'any time'};

/** What the server is asked, from what the address says. */
export function asked({age, view, ...query}) {
  const since = AGES[age] && new Date(Date.now() - AGES[age] * 1000).toISOString();
  return {...query, ...(since && {since})};
}

const isRange = query => query.age === RANGE || !!query.since || !!query.until;

/**
 * The row.
 *
 * @param page where the address leads
 * @param query what it says now
 * @param fields `{name, label, options?, any?, search?}` each; options are pairs of value and words, and `search` is true,
 *     or which list it is of (`calls` or `letters`), whose help says what can be typed
 * @param besides `{name: label}` of filters that links bring along; each shows as something to take away again
 */
export function filters(page, query, fields, besides = {}) {
  const use = event => {
    event.preventDefault();
    const form = event.currentTarget;
    const said = Object.fromEntries(fields.map(({name}) => [name, form.elements[name].value.trim()]));
    go(page, {...query, ...said, ...times(form, said), cursor: ''});
  };
  const timed = fields.includes(age);
  return html`<form class="filters" role="search" @submit=${use} @change=${use}>
      ${fields.map(field => html`<label class=${field.search ? 'wide' : ''}>${field.label} ${
        control(field, field === age && isRange(query) ? {age: RANGE} : query)}</label>`)}
      ${timed && isRange(query) ? html`${moment('since', 'From', query)}${moment('until', 'To', query)}` : nothing}
      <button class="sr">Apply</button>
    </form>
    <div class="besides">${Object.entries(besides).filter(([name]) => query[name]).map(([name, label]) => html`
      <a class="chip" href=${link(page, {...query, [name]: '', cursor: ''})}>${label} <b>${query[name]}</b>
        <span aria-hidden="true">✕</span><span class="sr">: take it away</span></a>`)}
      ${fields.filter(({search}) => search && search !== true).map(({search}) => html`<search-help .of=${search}></search-help>`)}
      <saved-views></saved-views></div>`;
}

function times(form, said) {
  if (said.age !== RANGE) {
    return {since: '', until: ''};
  }
  const iso = name => {
    const value = form.elements[name]?.value;
    return value ? new Date(value).toISOString() : '';
  };
  const [since, until] = [iso('since'), iso('until')];
  return {since, until, age: since || until ? '' : RANGE};
}

/** In the browser's own zone, to the second. */
function moment(name, label, query) {
  const at = new Date(query[name] ?? NaN);
  const local = Number.isNaN(at.getTime()) ? ''
    : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  return html`<label>${label} <input type="datetime-local" step="1" name=${name} .value=${live(local)}></label>`;
}

function control({name, options, any = 'any', search, hint = ''}, query) {
  const value = query[name] ?? '';
  if (!options) {
    return html`<input name=${name} type=${search ? 'search' : 'text'} .value=${live(value)} placeholder=${hint}
      maxlength=${search ? 500 : 200} autocomplete="off" spellcheck="false">`;
  }
  return html`<select name=${name}>
    <option value="" ?selected=${value === ''}>${any}</option>
    ${options.map(([key, words]) => html`<option value=${key} ?selected=${key === value}>${words}</option>`)}
  </select>`;
}

/** Leads to older and back to the newest; `next` is the server's cursor. */
export function pager(page, query, next) {
  const to = cursor => {
    go(page, {...query, cursor});
  };
  return html`<div class="pager">
    <button ?disabled=${!query.cursor} @click=${() => to('')}>Newest</button>
    <button ?disabled=${!next} @click=${() => to(next)}>Older</button>
  </div>`;
}

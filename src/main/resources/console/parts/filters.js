// A row of filters that is the query of the address: what is found can be sent to somebody.
import {html} from 'lit';
import {live} from 'lit/directives/live.js';
import {go} from '../router.js';

const AGES = {'15m': 15 * 60, '1h': 3600, '24h': 86_400, '7d': 7 * 86_400};
const AGE_WORDS = {'15m': 'last 15 minutes', '1h': 'last hour', '24h': 'last 24 hours', '7d': 'last 7 days'};

/** A filter by age; in the address it says how old, to the server since when. */
export const age = {name: 'age', label: 'When', options: Object.entries(AGE_WORDS), any: 'any time'};

/** What the server is asked, from what the address says. */
export function asked({age, view, ...query}) {
  const since = AGES[age] && new Date(Date.now() - AGES[age] * 1000).toISOString();
  return {...query, ...(since && {since})};
}

/**
 * The row.
 *
 * @param page where the address leads
 * @param query what it says now
 * @param fields `{name, label, options?, any?, search?}` each; options are pairs of value and words
 */
export function filters(page, query, fields) {
  const use = event => {
    event.preventDefault();
    const form = event.currentTarget;
    const said = Object.fromEntries(fields.map(({name}) => [name, form.elements[name].value.trim()]));
    go(page, {...query, ...said, cursor: ''});
  };
  return html`<form class="filters" role="search" @submit=${use} @change=${use}>
    ${fields.map(field => html`<label class=${field.search ? 'wide' : ''}>${field.label} ${control(field, query)}</label>`)}
    <button class="sr">Apply</button>
  </form>`;
}

function control({name, options, any = 'any', search, hint = ''}, query) {
  const value = query[name] ?? '';
  if (!options) {
    return html`<input name=${name} type=${search ? 'search' : 'text'} .value=${live(value)} placeholder=${hint}
      maxlength="200" autocomplete="off" spellcheck="false">`;
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

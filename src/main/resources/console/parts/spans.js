// How far back charts go.
import {html, nothing} from 'lit';
import {link} from '../router.js';

const SPANS = [[1, 'Last hour'], [24, 'Last day'], [72, 'Last three days']];

/** The hours that an address asks for. */
export const hoursOf = query => Number(query.hours) || 1;

/** Links to the same place with another span. @param segments of the place */
export const spans = (segments, hours) => html`<div class="tabs">${SPANS.map(([each, word]) => html`
  <a href=${link(segments, {hours: each === 1 ? '' : each})} aria-current=${each === hours || nothing}>${word}</a>`)}</div>`;

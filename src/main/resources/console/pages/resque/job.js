// A job of Resque's, in a cell.
import {html} from 'lit';

const SHOWN = 120;

/** Class and arguments; all of them show when they are pointed at. */
export const jobOf = job => html`<span class="strong">${job.class}</span>
  <code title=${job.args}>${job.args.length <= SHOWN ? job.args : `${job.args.slice(0, SHOWN)}…`}</code>`;

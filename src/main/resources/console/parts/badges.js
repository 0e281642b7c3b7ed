// States and reasons: a word with a colour, never a colour alone.
import {html, nothing} from 'lit';

const TONES = {
  succeeded: 'ok', done: 'ok', running: 'busy', queued: 'calm', scheduled: 'calm', retrying: 'warn', paused: 'warn',
  dead: 'bad', stopped: 'bad', cancelled: 'calm',
  started: 'ok', starting: 'busy', stopping: 'busy', suspended: 'warn', suspending: 'warn', refused: 'bad',
};

export const stateBadge = state => html`<span class="badge ${TONES[state] ?? 'calm'}">${state}</span>`;

/** Why a call is dead, with the status of the last answer. */
export const whyBadge = (reason, status) => html`<span class="badge bad">${reason}</span>${status
  ? html` <span class="status">${status}</span>` : nothing}`;

/** How far a function is: what it has of what it should have. */
export const readiness = each => {
  const tone = each.availableReplicas >= each.replicas ? (each.replicas === 0 ? 'calm' : 'ok') : 'warn';
  return html`<span class="badge ${tone}">${each.replicas === 0 ? 'asleep'
    : `${each.availableReplicas} of ${each.replicas} ready`}</span>`;
};

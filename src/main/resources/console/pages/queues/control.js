// What can be done about a queue, and what somebody should know about it.
import {html, nothing} from 'lit';
import {json, segment} from '../../api.js';
import {counted, duration} from '../../format.js';
import {may, seesAll} from '../../session.js';
import {confirm} from '../../parts/confirm.js';
import {attempt, toast} from '../../parts/toasts.js';

/** Results on their way to callback URLs. Their calls are over, so none of them can be cancelled. */
const CALLBACKS = 'faas-callback';

/** From so many on, purging a queue asks for its name. */
const MANY = 100;

/** How long something may wait in a queue that is neither paused nor without consumers before it is worth a word. */
const LONG = 300;

/** Whether who is signed in may do something to queues: to all that wait in one, be they of whatever function. */
export const mayAct = () => may('operator') && seesAll();

/** What an operator should know about a queue; empty when all is well. */
export function concern(queue) {
  if (queue.paused) {
    return queue.drained ? 'paused, nothing runs' : 'paused';
  }
  if (queue.depth > 0 && queue.concurrency === 0) {
    return 'nothing takes its calls here';
  }
  return queue.oldestAgeSeconds > LONG ? `the oldest waits for ${duration(queue.oldestAgeSeconds)}` : '';
}

/** Does one of `pause`, `resume`, `drain` and `concurrency` to a queue. */
export function act(method, queue, verb, then, body) {
  return attempt(async () => {
    await json(method, `system/queues/${segment(queue.name)}/${verb}`, {body});
    await then();
  });
}

async function purge(queue, then) {
  const sure = await confirm({
    title: `Purge ${queue.name}?`,
    text: `${counted(queue.depth + queue.scheduled, 'call')} that wait are cancelled. This cannot be undone.`,
    verb: 'Cancel all that wait',
    typed: queue.depth + queue.scheduled >= MANY ? queue.name : '',
    why: true,
  });
  if (sure) {
    await attempt(async () => {
      const {cancelled} = await json('DELETE', `system/queues/${segment(queue.name)}/messages`, {reason: sure.reason});
      toast(`${counted(cancelled, 'call')} cancelled`);
      await then();
    });
  }
}

/** The buttons. @param then what to do when something was done */
export function actions(queue, then) {
  const of = word => html`${word}<span class="sr"> ${queue.name}</span>`;
  return html`<div class="actions">
    ${queue.paused
      ? html`<button @click=${() => act('POST', queue, 'resume', then)}>${of('Resume')}</button>`
      : html`<button @click=${() => act('POST', queue, 'pause', then)}>${of('Pause')}</button>
        <button title="Pause, and see when nothing runs any more"
          @click=${() => act('POST', queue, 'drain', then)}>${of('Drain')}</button>`}
    ${queue.name === CALLBACKS ? nothing : html`<button class="danger" ?disabled=${queue.depth + queue.scheduled === 0}
      @click=${() => purge(queue, then)}>${of('Purge')}</button>`}</div>`;
}

/** How many run at once. @param then what to do when that was changed */
export function limits(queue, then) {
  const submit = event => {
    event.preventDefault();
    const {value} = event.target.elements.concurrency;
    return value === '' ? act('DELETE', queue, 'concurrency', then)
      : act('POST', queue, 'concurrency', then, {concurrency: Number(value)});
  };
  return html`<form class="inline" @submit=${submit}>
    <input name="concurrency" type="number" min="1" max="1000" .value=${String(queue.concurrency || '')}
      aria-label="Calls of ${queue.name} at once; empty for what its route says">
    <button aria-label="Set calls at once of ${queue.name}">Set</button></form>`;
}

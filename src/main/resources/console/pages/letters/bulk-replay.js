// Starts a replay of all letters that a filter finds, after a look at which those are.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {json} from '../../api.js';
import {count, counted, functionName, moment} from '../../format.js';
import {go} from '../../router.js';
import {asked} from '../../parts/filters.js';
import {whyBadge} from '../../parts/badges.js';
import {reasonField, typing} from '../../parts/confirm.js';
import {toast} from '../../parts/toasts.js';
import {MANY} from './delete.js';

/** What is offered: one, then ten times as many each time. */
const STAGES = [1, 10, 100];

class BulkReplay extends Part {
  static properties = {filter: {}, preview: {state: true}, busy: {state: true}, typed: {state: true}};

  /** What was previewed is what is started: the filter is taken once, with its times. */
  async open() {
    const {cursor, limit, ...filter} = asked(this.filter);
    this.taken = filter;
    try {
      this.preview = await json('POST', 'system/dead-letters/replay', {body: {filter, dryRun: true}});
      this.typed = '';
      await this.updateComplete;
      this.querySelector('dialog').showModal();
    } catch (problem) {
      toast(problem.message, {bad: true});
    }
  }

  async start(event) {
    event.preventDefault();
    const {rate, stopAt, canaries, inFlight, startAt, back, reason} = event.target.elements;
    this.busy = true;
    try {
      const {job} = await json('POST', 'system/dead-letters/replay', {reason: reason.value.trim(), body: {
        filter: this.taken,
        ...(rate.value && {ratePerSecond: Number(rate.value)}),
        ...(stopAt.value && {stopAtFailureRate: Number(stopAt.value) / 100}),
        ...(canaries.value && {canaries: canaries.value.split(/[\s,]+/).filter(Boolean).map(Number)}),
        ...(inFlight.value && {maxInFlight: Number(inFlight.value)}),
        ...(startAt.value && {startAt: new Date(startAt.value).toISOString()}),
        ...(back?.value === 'skip' && {skipReplayed: true}),
        ...(back?.value === 'force' && {force: true}),
      }});
      this.querySelector('dialog').close();
      go(['replays', job]);
    } catch (problem) {
      toast(problem.message, {bad: true});
    } finally {
      this.busy = false;
    }
  }

  /** Who replays many says how many. */
  mayStart(matched) {
    return !this.busy && matched > 0 && (matched < MANY || this.typed === String(matched));
  }

  render() {
    if (!this.preview) {
      return nothing;
    }
    const {matched, sample} = this.preview;
    return html`<dialog class="wide" aria-labelledby="bulk-title">
      <form @submit=${this.start}>
        <h2 id="bulk-title">Replay ${counted(matched, 'letter')}?</h2>
        <p>${matched > sample.length ? 'These are the newest of them; what' : 'What'} dies from now on is not replayed.</p>
        <div class="scroll" tabindex="0" role="region" aria-label="Some of the letters"><table>
          <thead><tr><th>Died</th><th>Function</th><th>Died of</th><th>Error</th></tr></thead>
          <tbody>${sample.map(letter => html`<tr><td>${moment(letter.deadAt)}</td>
            <td>${functionName(letter.function, letter.namespace)}</td>
            <td>${whyBadge(letter.reason, letter.statusCode)}</td><td class="text">${letter.error ?? '–'}</td></tr>`)}
          </tbody></table></div>
        ${this.cameBack()}
        <div class="fields">
          <label>In stages: so many first, each when the one before has succeeded
            <input name="canaries" pattern="[0-9, ]*" value=${STAGES.filter(size => size < matched).join(', ')}></label>
          <label>Letters a second, at most <input name="rate" type="number" min="0.1" step="any" value="20"></label>
          <label>Calls under way at once, at most <input name="inFlight" type="number" min="1" max="100000"></label>
          <label>Stop when so many in a hundred fail <input name="stopAt" type="number" min="1" max="100" value="50"></label>
          <label>Not before <input name="startAt" type="datetime-local"></label>
        </div>
        ${reasonField()}
        ${matched >= MANY ? typing(String(matched), event => (this.typed = event.target.value)) : nothing}
        <p class="actions"><button type="button" @click=${() => this.querySelector('dialog').close()}>Cancel</button>
          <button class="primary" ?disabled=${!this.mayStart(matched)}>Replay ${count(matched)}</button></p>
      </form></dialog>`;
  }

  /** What came back after a replay comes back again, most likely. */
  cameBack() {
    const {cameBack, refused} = this.preview;
    return cameBack === 0 ? nothing : html`<fieldset class="notice warn"><legend class="sr">Those that came back</legend>
      ${count(cameBack)} of them were replayed before and came back.
      <label class="check"><input type="radio" name="back" value="skip" checked> Leave these out</label>
      ${cameBack > refused ? html`<label class="check"><input type="radio" name="back" value="again"> Replay them again${
        refused > 0 ? `, but for ${count(refused)} that came back too often` : ''}</label>` : nothing}
      ${refused > 0 ? html`<label class="check"><input type="radio" name="back" value="force"> Replay them all again, also
        ${count(refused)} that came back too often</label>` : nothing}</fieldset>`;
  }
}

customElements.define('bulk-replay', BulkReplay);

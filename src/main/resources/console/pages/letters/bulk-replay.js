// Starts a replay of all letters that a filter finds, after a look at which those are.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {json} from '../../api.js';
import {count, counted, functionName, moment} from '../../format.js';
import {go} from '../../router.js';
import {asked} from '../../parts/filters.js';
import {whyBadge} from '../../parts/badges.js';
import {toast} from '../../parts/toasts.js';

class BulkReplay extends Part {
  static properties = {filter: {}, preview: {state: true}, busy: {state: true}};

  /** What was previewed is what is started: the filter is taken once, with its times. */
  async open() {
    const {cursor, limit, ...filter} = asked(this.filter);
    this.taken = filter;
    try {
      this.preview = await json('POST', 'system/dead-letters/replay', {body: {filter, dryRun: true}});
      await this.updateComplete;
      this.querySelector('dialog').showModal();
    } catch (problem) {
      toast(problem.message, {bad: true});
    }
  }

  async start(event) {
    event.preventDefault();
    const {rate, stopAt, canaries, force} = event.target.elements;
    this.busy = true;
    try {
      const {job} = await json('POST', 'system/dead-letters/replay', {body: {
        filter: this.taken,
        ...(rate.value && {ratePerSecond: Number(rate.value)}),
        ...(stopAt.value && {stopAtFailureRate: Number(stopAt.value) / 100}),
        ...(canaries.value && {canaries: Number(canaries.value)}),
        ...(force?.checked && {force: true}),
      }});
      this.querySelector('dialog').close();
      go(['replays', job]);
    } catch (problem) {
      toast(problem.message, {bad: true});
    } finally {
      this.busy = false;
    }
  }

  render() {
    if (!this.preview) {
      return nothing;
    }
    const {matched, refused, sample} = this.preview;
    return html`<dialog class="wide" aria-labelledby="bulk-title">
      <form @submit=${this.start}>
        <h2 id="bulk-title">Replay ${counted(matched, 'letter')}?</h2>
        <p>These are the newest of them; what dies from now on is not replayed.</p>
        <div class="scroll"><table><thead><tr><th>Died</th><th>Function</th><th>Died of</th><th>Error</th></tr></thead>
          <tbody>${sample.map(letter => html`<tr><td>${moment(letter.deadAt)}</td>
            <td>${functionName(letter.function, letter.namespace)}</td>
            <td>${whyBadge(letter.reason, letter.statusCode)}</td><td class="text">${letter.error ?? '–'}</td></tr>`)}
          </tbody></table></div>
        ${refused > 0 ? html`<p class="notice warn">${count(refused)} of them were replayed too often and came back.
          <label class="check"><input type="checkbox" name="force"> Replay these too</label></p>` : nothing}
        <div class="fields">
          <label>Replay so many first, the others when these succeed <input name="canaries" type="number" min="1" max="1000"
            value=${matched > 1 ? '1' : ''}></label>
          <label>Letters a second, at most <input name="rate" type="number" min="0.1" step="any" value="20"></label>
          <label>Stop when so many in a hundred fail <input name="stopAt" type="number" min="1" max="100" value="50"></label>
        </div>
        <p class="actions"><button type="button" @click=${() => this.querySelector('dialog').close()}>Cancel</button>
          <button class="primary" ?disabled=${this.busy || matched === 0}>Replay ${count(matched)}</button></p>
      </form></dialog>`;
  }
}

customElements.define('bulk-replay', BulkReplay);

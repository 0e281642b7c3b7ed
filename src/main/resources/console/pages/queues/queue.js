// One queue: how it is, how it got there, and holding it back.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get} from '../../api.js';
import {Fresh} from '../../fresh.js';
import {count, duration, moment} from '../../format.js';
import {Past} from '../../past.js';
import {link} from '../../router.js';
import {facts} from '../../parts/facts.js';
import {spans} from '../../parts/spans.js';
import {actions, concern, limits, mayAct} from './control.js';
import '../../parts/chart.js';

const LEVELS = [['depth', 'waiting'], ['running', 'running'], ['scheduled', 'scheduled'], ['deadLetters', 'dead letters']];
const FLOWS = [['accepted', 'accepted'], ['succeeded', 'succeeded'], ['died', 'died']];

class OneQueue extends Part {
  static properties = {name: {}, hours: {}, queue: {state: true}, gone: {state: true}, taken: {state: true}};

  fresh = new Fresh(this, async signal => {
    const all = await get('system/queues', {}, signal);
    this.queue = all.find(each => each.name === this.name);
    this.gone = !this.queue;
  }, event => event.type === 'queue' || event.type === 'call');

  past = new Past(this, () => ({of: 'queues', name: this.name, hours: this.hours}));

  updated(changed) {
    if (changed.get('name') || changed.get('hours')) {
      this.taken = undefined;
      this.past.now();
    }
    if (changed.get('name')) {
      this.fresh.now();
    }
  }

  render() {
    const queue = this.queue;
    const trouble = queue && concern(queue);
    return html`
      <nav class="crumbs" aria-label="Path"><a href=${link('queues')}>Queues</a></nav>
      <div class="page-head"><h1>${this.name} ${trouble ? html`<span class="badge warn">${trouble}</span>` : nothing}</h1>
        ${queue && mayAct() ? actions(queue, () => this.fresh.now()) : nothing}</div>
      ${this.fresh.problem()}
      ${this.gone ? html`<p class="notice warn">There is no such queue.</p>` : nothing}
      ${queue ? html`${facts([
        ['Waiting', html`<a href=${link('calls', {status: 'queued', queue: this.name})}>${count(queue.depth)}</a>`],
        ['Oldest', queue.depth ? duration(queue.oldestAgeSeconds) : '–'],
        ['Running', html`<a href=${link('calls', {status: 'running', queue: this.name})}>${count(queue.running)}</a>`],
        ['Scheduled', count(queue.scheduled)],
        ['Dead letters', html`<a href=${link('dead-letters', {queue: this.name})}>${count(queue.deadLetters)}</a>`],
        ['In, ever', count(queue.enqueued)],
        ['Out, ever', count(queue.dequeued)],
        ['Workers', count(queue.consumers)],
        ['At once, at most', mayAct() ? limits(queue, () => this.fresh.now()) : queue.concurrency],
        ['Paused functions', queue.pausedFunctions.join(', ')],
      ])}${this.time()}` : nothing}`;
  }

  time() {
    const known = this.past.of(this.name);
    return html`<section><div class="page-head"><h2>Over time</h2>
        ${spans(['queues', this.name], this.hours)}</div>
      ${this.past.problem ? html`<p class="notice bad">${this.past.problem}</p>` : nothing}
      <div class="range" role="status">${this.taken ? this.inThatTime() : html`<span class="hint">Drag over a part of a chart to see
        what happened then.</span>`}</div>
      ${known ? html`${this.chart('How many there are', LEVELS, known)}
        ${this.chart(`How many in each ${duration(this.past.view.stepSeconds)}`, FLOWS, known)}`
        : html`<p class="none">Nothing is known yet: it is looked at every ten seconds, and forgotten by a restart.</p>`}
      </section>`;
  }

  chart(label, figures, known) {
    return html`<time-chart .label=${label} .from=${this.past.view.from} .step=${this.past.view.stepSeconds}
      .lines=${figures.map(([figure, word]) => ({word, values: known[figure]}))}
      @taken=${event => (this.taken = event.detail)}></time-chart>`;
  }

  inThatTime() {
    const filter = {...this.taken, queue: this.name};
    return html`${moment(this.taken.since)} to ${moment(this.taken.until)}:
      <a href=${link('calls', filter)}>calls that were accepted then</a> ·
      <a href=${link('dead-letters', {...filter, view: 'list'})}>letters that died then</a>`;
  }
}

customElements.define('one-queue', OneQueue);

// How many of a function's queued calls run at once, and how often it is given one.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get, json, segment} from '../../api.js';
import {Fresh} from '../../fresh.js';
import {may} from '../../session.js';
import {attempt, toast} from '../../parts/toasts.js';

const AT_ONCE = [...[1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100].map(String), 'none'];
const RATES = ['1/m', '2/m', '6/m', '12/m', '30/m', '1/s', '2/s', '5/s', '10/s', '20/s', '50/s', '100/s', '200/s', '500/s', '1000/s',
  'none'];
const KINDS = [
  {name: 'concurrency', word: 'Calls at once', steps: AT_ONCE, form: 'none|[1-9][0-9]{0,3}'},
  {name: 'rate', word: 'Rate', steps: RATES, form: 'none|[0-9]{1,7}/[smh]'},
];

const SECONDS = {s: 1, m: 60, h: 3600};

/** How much a limit lets through, for putting it in order; NaN for what is none. */
function amount(text) {
  const [number, per = 's'] = text.split('/');
  return text === 'none' ? Infinity : Number(number) / SECONDS[per];
}

/** The steps of the slider, with what holds among them: it is not always one that we thought of. */
const stepsWith = (steps, held) => [...new Set([...steps, held])].sort((a, b) => amount(a) - amount(b) || 0);

/** The step that stands for what is written. */
function stepOf(steps, value) {
  const step = steps.findIndex(each => amount(each) >= amount(value));
  return step < 0 ? steps.length - 1 : step;
}

class FunctionLimits extends Part {
  static properties = {name: {}, limits: {state: true}, wanted: {state: true}}; // wanted: as long as it is not set

  fresh = new Fresh(this, async signal => {
    this.limits = await get(this.path(), {}, signal);
  }, event => event.type === 'deployment');

  path() {
    return `system/function/${segment(this.name)}/limits`;
  }

  updated(changed) {
    if (changed.get('name')) {
      this.wanted = undefined;
      this.fresh.now();
    }
  }

  value(name) {
    return this.wanted?.[name] ?? this.limits[name].holds;
  }

  want(name, value) {
    this.wanted = {...this.wanted, [name]: value};
  }

  /** Only what an operator said, or says now, goes before the annotations. */
  set(event) {
    event.preventDefault();
    const said = KINDS.map(({name}) => [name, this.wanted?.[name] ?? this.limits[name].told]);
    return this.tell(Object.fromEntries(said.filter(([, value]) => value !== null)), 'It holds from now on');
  }

  tell(body, done) {
    return attempt(async () => {
      this.limits = await json('PUT', this.path(), {body});
      this.wanted = undefined;
      toast(done);
    });
  }

  render() {
    return html`<section><h2>Limits of its queued calls</h2>${this.fresh.problem()}
      ${this.limits ? may('operator') ? this.form() : this.words() : nothing}</section>`;
  }

  words() {
    return html`<p>${KINDS.map(({name, word}) => html`${word}: <b>${this.limits[name].holds}</b> `)}</p>`;
  }

  form() {
    const told = KINDS.some(({name}) => this.limits[name].told !== null);
    return html`<form class="card limits" @submit=${this.set}>
      ${KINDS.map(kind => this.row(kind))}
      <p class="actions"><span class="hint">${told ? 'An operator said so; what is deployed says otherwise.'
          : 'As it is deployed.'}</span>
        ${told ? html`<button type="button" @click=${() => this.tell({}, 'As it is deployed')}>As deployed</button>` : nothing}
        <button class="primary" ?disabled=${!this.wanted}>Set</button></p></form>`;
  }

  row({name, word, steps: usual, form}) {
    const value = this.value(name);
    const steps = stepsWith(usual, this.limits[name].holds);
    return html`<div class="limit">
      <label>${word} <input name=${name} required pattern=${form} autocomplete="off" spellcheck="false" .value=${value}
        @input=${event => this.want(name, event.target.value.trim())}></label>
      <input type="range" min="0" max=${steps.length - 1} .value=${String(stepOf(steps, value))} aria-label="${word}, by steps"
        aria-valuetext=${value} @input=${event => this.want(name, steps[event.target.value])}></div>`;
  }
}

customElements.define('function-limits', FunctionLimits);

// Overview: is it well, what is going on, and what needs somebody.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {ApiError, get, send} from '../api.js';
import {Fresh} from '../fresh.js';
import {ago, count, counted, functionName} from '../format.js';
import {listen} from '../live.js';
import {link} from '../router.js';
import {sparkline} from '../parts/chart.js';
import {concern} from './queues/control.js';

const WINDOW = 60;

/** How many calls came into each state in the last minute, second by second, as the events tell it. */
class Rates {
  constructor() {
    this.seconds = new Map();
  }

  add(status) {
    const now = Math.floor(Date.now() / 1000);
    const counts = this.seconds.get(now) ?? {};
    counts[status] = (counts[status] ?? 0) + 1;
    this.seconds.set(now, counts);
  }

  /** Per second, of all seconds of the window; the running one is left out. */
  series(status) {
    const now = Math.floor(Date.now() / 1000);
    for (const second of this.seconds.keys()) {
      if (second < now - WINDOW) {
        this.seconds.delete(second);
      }
    }
    return Array.from({length: WINDOW}, (_, i) => this.seconds.get(now - WINDOW + i)?.[status] ?? 0);
  }
}

const sum = numbers => numbers.reduce((a, b) => a + b, 0);

class OverviewPage extends Part {
  static properties = {
    rest: {}, query: {}, health: {state: true}, queues: {state: true}, functions: {state: true}, groups: {state: true},
    info: {state: true},
    alerts: {state: true},
  };

  rates = new Rates();

  fresh = new Fresh(this, async signal => {
    [this.health, this.queues, this.functions, this.groups, this.info, this.alerts] = await Promise.all([
      this.ask(signal), get('system/queues', {}, signal), get('system/functions', {}, signal),
      get('system/dead-letters/groups', {}, signal), get('system/info', {}, signal),
      get('system/alerts', {}, signal),
    ]);
  }, event => ['queue', 'deployment'].includes(event.type) || event.status === 'dead');

  connectedCallback() {
    super.connectedCallback();
    this.stopCounting = listen(event => event.type === 'call' && this.rates.add(event.status));
    this.tick = setInterval(() => this.requestUpdate(), 1_000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stopCounting();
    clearInterval(this.tick);
  }

  /** Empty when all is well, else why not. */
  async ask(signal) {
    try {
      await send('GET', 'healthz', {signal});
      return '';
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 503) {
        return problem.message;
      }
      throw problem;
    }
  }

  render() {
    return html`<div class="page-head"><h1>Overview</h1>
        <button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.queues ? html`${this.attention()}${this.now()}${this.dead()}${this.about()}` : nothing}`;
  }

  attention() {
    const notes = [
      ...(this.health ? [html`Functions cannot be called: ${this.health}`] : []),
      ...this.alerts.firing.map(alert => html`<a href=${link('alerts')}>Alert</a>: ${alert.text}`),
      ...this.queues.filter(concern).map(queue =>
        html`Queue <a href=${link(['queues', queue.name])}>${queue.name}</a>: ${concern(queue)}`),
      ...this.functions.filter(each => each.replicas > 0 && each.availableReplicas === 0).map(each =>
        html`Function <a href=${link(['functions', `${each.name}.${each.namespace}`])}
          >${functionName(each.name, each.namespace)}</a> has no ready replica`),
    ];
    return html`<section aria-label="What needs attention">${notes.length === 0
      ? html`<p class="notice good">All is well: functions can be called and queues move.</p>`
      : notes.map(note => html`<p class="notice warn">${note}</p>`)}</section>`;
  }

  now() {
    const of = name => sum(this.queues.map(queue => queue[name]));
    const rate = (state, word) => {
      const series = this.rates.series(state);
      return html`<div class="figure"><span>${word}</span><b>${count(sum(series))}</b>
        ${sparkline(series, `${word} in the last minute, second by second`)}<span class="hint">in the last minute</span></div>`;
    };
    const level = (value, word, to) => html`<a class="figure" href=${to}><span>${word}</span><b>${count(value)}</b></a>`;
    return html`<section><h2>Calls</h2><div class="figures">
      ${level(of('depth'), 'Waiting', link('calls', {status: 'queued'}))}
      ${level(of('running'), 'Running', link('calls', {status: 'running'}))}
      ${level(of('scheduled'), 'Scheduled', link('calls', {status: 'scheduled'}))}
      ${level(of('deadLetters'), 'Dead letters', link('dead-letters'))}
      ${rate('succeeded', 'Succeeded')}${rate('retrying', 'Retried')}${rate('dead', 'Died')}</div></section>`;
  }

  dead() {
    return html`<section><h2>Largest groups of dead letters</h2>${this.groups.length === 0
      ? html`<p class="none">There are no dead letters.</p>`
      : html`<div class="scroll"><table>
          <thead><tr><th class="number">Letters</th><th>Function</th><th>Error</th><th>Last</th></tr></thead>
          <tbody>${this.groups.slice(0, 5).map(group => html`<tr><td class="number strong">${count(group.count)}</td>
            <td><a class="opens" href=${link('dead-letters', {fingerprint: group.fingerprint, function: group.function})}
              >${functionName(group.function, group.namespace)}</a></td>
            <td class="text">${group.error ?? group.reason}</td><td>${ago(group.lastAt)}</td></tr>`)}
          </tbody></table></div>`}</section>`;
  }

  about() {
    const {provider, version} = this.info;
    return html`<p class="hint">Caravan ${version.release}, ${provider.provider},
      ${counted(this.functions.length, 'function')}. <a href="../openapi.yaml">API contract</a></p>`;
  }
}

customElements.define('overview-page', OverviewPage);

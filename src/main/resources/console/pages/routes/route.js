// One route: what it does, step by step, and its file.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get, json, segment} from '../../api.js';
import {Fresh} from '../../fresh.js';
import {addressOf, count, moment} from '../../format.js';
import {link} from '../../router.js';
import {may, sees} from '../../session.js';
import {stateBadge} from '../../parts/badges.js';
import {confirm} from '../../parts/confirm.js';
import {facts} from '../../parts/facts.js';
import {attempt, toast} from '../../parts/toasts.js';
import {diagram, outline} from './diagram.js';
import './source.js';

const POLL = 2_000;

class OneRoute extends Part {
  static properties = {route: {}, shown: {state: true}};

  fresh = new Fresh(this, async signal => {
    try {
      this.shown = await get(`system/routes/${segment(this.route)}`, {}, signal);
    } catch (problem) {
      // Of a file that was never good there is nothing but the list's line, and the file.
      const all = problem.status === 404 ? await get('system/routes', {}, signal) : [];
      const line = all.find(each => each.id === this.route);
      if (!line) {
        throw problem;
      }
      this.shown = {...line, steps: []};
    }
  }, event => event.type === 'call');

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.fresh.heard({type: 'lost'}), POLL);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  updated(changed) {
    if (changed.get('route')) {
      this.shown = undefined;
      this.fresh.now();
    }
  }

  async turn(verb) {
    const stops = verb === 'stop';
    const sure = !stops || await confirm({
      title: `Stop ${this.route}?`,
      text: 'It takes nothing more on this node until it is started or Caravan is. Messages wait in their queue; requests '
        + 'over HTTP are answered 404.',
      verb: 'Stop the route',
      why: true,
    });
    if (sure) {
      await attempt(async () => {
        const {state} = await json('POST', `system/routes/${segment(this.route)}/${verb}`, {reason: sure.reason});
        toast(`${this.route} is ${state}`);
        await this.fresh.now();
      });
    }
  }

  render() {
    const route = this.shown;
    if (!route) {
      return this.fresh.problem();
    }
    return html`
      <nav class="crumbs" aria-label="Path"><a href=${link('routes')}>Routes</a></nav>
      <div class="page-head"><h1>${route.id} ${stateBadge(route.state)}</h1>
        ${may('admin') && route.state !== 'refused' ? html`<div class="actions">
          ${route.state === 'started' ? html`<button @click=${() => this.turn('stop')}>Stop</button>`
            : html`<button @click=${() => this.turn('start')}>Start</button>`}</div>` : nothing}</div>
      ${this.fresh.problem()}
      ${route.description ? html`<p class="group-head">${route.description}</p>` : nothing}
      ${route.refused ? html`<p class="notice bad" role="alert">What stands in ${route.refused.file} does not run
        (${moment(route.refused.since)}): ${place(route.refused)}${route.refused.message}${route.state === 'refused'
          ? '' : '. The version before it runs on.'}</p>` : nothing}
      ${facts([
        ['Messages', count(route.exchanges)], ['Failed', count(route.failures)],
        ['Mean time', route.exchanges ? `${count(Math.round(route.meanMillis * 10) / 10)} ms` : ''],
        ['Set off by', route.from && html`<code>${addressOf(route.from)}</code>`],
        ['Sends to', route.to.length ? html`<code>${route.to.join(', ')}</code>` : ''],
        ['File', html`<code>${route.file}</code>`],
      ])}
      ${route.steps.length ? html`<h2>What it does</h2>
        <div class="diagram" role="region" aria-label="The route, step by step" tabindex="0">${diagram(route)}</div>
        <details><summary>The same as a list</summary>${outline(route.steps)}</details>` : nothing}
      ${sees('operator') ? html`<route-source .route=${route.id} @saved=${() => this.fresh.now()}></route-source>` : nothing}`;
  }
}

const place = ({line, column}) => (line ? `line ${line}${column ? `, column ${column}` : ''}: ` : '');

customElements.define('one-route', OneRoute);

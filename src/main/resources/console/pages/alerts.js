// Alerts: what is wrong by the rules, and what was.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {Fresh} from '../fresh.js';
import {ago, duration, moment} from '../format.js';
import {link} from '../router.js';

/** Nothing tells when a rule is broken; they are held against how things are as often as this. */
const POLL = 10_000;

/** Where one sees what an alert is about. */
export const placeOf = alert => (alert.measure === 'failures'
  ? link(['functions', alert.subject]) : link(['queues', alert.subject]));

class AlertsPage extends Part {
  static properties = {rest: {}, query: {}, alerts: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.alerts = await get('system/alerts', {}, signal);
  }, () => false);

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.fresh.heard({type: 'lost'}), POLL);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  render() {
    const all = this.alerts;
    return html`<div class="page-head"><h1>Alerts</h1>
        <button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${all ? html`${this.rules(all)}
        <section><h2>Now</h2><div role="status">${all.firing.length === 0
          ? html`<p class="none big">Nothing is wrong by these rules.</p>` : this.table(all.firing)}</div></section>
        ${all.over.length > 0 ? html`<section><h2>Over</h2>${this.table(all.over)}</section>` : nothing}` : nothing}`;
  }

  rules({rules, posted}) {
    return rules.length === 0
      ? html`<p class="notice">There are no rules: <code>CARAVAN_ALERTS</code> says them.</p>`
      : html`<p class="hint">Rules: ${rules.map(rule => html`<code>${rule}</code> `)} ·
          ${posted ? 'somebody is told' : 'nobody is told: CARAVAN_ALERT_URL is not set'}</p>`;
  }

  table(alerts) {
    return html`<div class="scroll" data-hold><table>
      <thead><tr><th>Since</th><th>What</th><th>Rule</th><th>Lasted</th><th>Told</th></tr></thead>
      <tbody>${alerts.map(alert => html`<tr>
        <td>${moment(alert.since)}</td>
        <td class="text"><a class="opens" href=${placeOf(alert)}>${alert.text}</a></td>
        <td><code>${alert.rule}</code></td>
        <td>${alert.endedAt ? duration((new Date(alert.endedAt) - new Date(alert.since)) / 1000) : ago(alert.since)}</td>
        <td>${alert.problem ? html`<span class="badge bad">${alert.problem}</span>`
          : alert.toldAt ? moment(alert.toldAt) : html`<span class="none">–</span>`}</td></tr>`)}
      </tbody></table></div>`;
  }
}

customElements.define('alerts-page', AlertsPage);

// One function: how it is, calling it, what it writes.
import {html, nothing} from 'lit';
import {Part} from '../../part.js';
import {get, segment, send} from '../../api.js';
import {Fresh} from '../../fresh.js';
import {count, functionName, moment} from '../../format.js';
import {go, link} from '../../router.js';
import {may} from '../../session.js';
import {readiness} from '../../parts/badges.js';
import {confirm} from '../../parts/confirm.js';
import {facts} from '../../parts/facts.js';
import {attempt, toast} from '../../parts/toasts.js';
import './invoke.js';
import './limits.js';
import './logs.js';
import './past.js';

const written = pairs => Object.entries(pairs ?? {}).map(([name, value]) => html`<div><code>${name}=${value}</code></div>`);

class OneFunction extends Part {
  static properties = {name: {}, hours: {}, shown: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.shown = await get(`system/function/${segment(this.name)}`, {}, signal);
  }, event => event.type === 'deployment' || event.type === 'call' && event.function === this.shown?.name);

  updated(changed) {
    if (changed.get('name')) {
      this.shown = undefined;
      this.fresh.now();
    }
  }

  scale(event) {
    event.preventDefault();
    const replicas = Number(event.target.elements.replicas.value);
    return attempt(async () => {
      await this.change('POST', `system/scale-function/${segment(this.name)}`, {
        serviceName: this.shown.name, namespace: this.shown.namespace, replicas});
      toast(`${this.shown.name} is asked for ${replicas}`);
      await this.fresh.now();
    });
  }

  async delete() {
    const {name, namespace} = this.shown;
    const sure = await confirm({
      title: `Delete ${name}?`,
      text: 'Calls that wait for it will die as unknown-function.',
      verb: 'Delete the function',
      typed: name,
      why: true,
    });
    if (sure) {
      await attempt(async () => {
        await this.change('DELETE', 'system/functions', {functionName: name, namespace}, sure.reason);
        toast(`${name} is deleted`);
        go('functions');
      });
    }
  }

  change(method, path, body, reason) {
    return send(method, path, {body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}, reason});
  }

  render() {
    const shown = this.shown;
    if (!shown) {
      return html`<p><a href=${link('functions')}>Functions</a></p>${this.fresh.problem()}`;
    }
    return html`
      <nav class="crumbs" aria-label="Path"><a href=${link('functions')}>Functions</a></nav>
      <div class="page-head"><h1>${functionName(shown.name, shown.namespace)} ${readiness(shown)}</h1>
        ${may('admin') ? html`<div class="actions">
          <form class="inline" @submit=${this.scale}><label class="beside">Replicas <input name="replicas" type="number" min="0"
            max="1000" required .value=${String(shown.replicas)}></label><button>Scale</button></form>
          <button class="danger" @click=${this.delete}>Delete</button></div>` : nothing}</div>
      ${this.fresh.problem()}
      ${facts([
        ['Image', shown.image],
        ['Process', shown.envProcess && html`<code>${shown.envProcess}</code>`],
        ['Calls', count(shown.invocationCount)],
        ['Deployed', moment(shown.createdAt)],
        ['Labels', written(shown.labels)],
        ['Annotations', written(shown.annotations)],
        ['Environment', written(shown.envVars)],
        ['Secrets', shown.secrets?.join(', ')],
        ['See', html`<a href=${link('calls', {function: shown.name})}>calls</a> ·
          <a href=${link('dead-letters', {function: shown.name})}>dead letters</a>`],
      ].filter(([, value]) => !(Array.isArray(value) && value.length === 0)))}
      <div class="sides">
        <section><h2>Call it</h2><invoke-form .name=${`${shown.name}.${shown.namespace}`}></invoke-form></section>
        <section><h2>Log</h2><function-log .name=${shown.name} .namespace=${shown.namespace}></function-log></section>
      </div>
      <function-limits .name=${`${shown.name}.${shown.namespace}`}></function-limits>
      <function-past .name=${`${shown.name}.${shown.namespace}`} .place=${this.name} .hours=${this.hours}></function-past>`;
  }
}

customElements.define('one-function', OneFunction);

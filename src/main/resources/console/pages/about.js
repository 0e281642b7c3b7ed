// About: what answers here, and what it was started with.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {Fresh} from '../fresh.js';
import {sees, seesAll} from '../session.js';
import {facts} from '../parts/facts.js';

class AboutPage extends Part {
  static properties = {rest: {}, query: {}, info: {state: true}, settings: {state: true}};

  fresh = new Fresh(this, async signal => {
    [this.info, this.settings] = await Promise.all([
      get('system/info', {}, signal),
      sees('operator') && seesAll() ? get('system/settings', {}, signal) : []]);
  }, () => false);

  setting(name) {
    return this.settings.find(each => each.name === name)?.value;
  }

  /** Where something is, when it is said; embedded otherwise. */
  place(name) {
    return this.settings.length ? this.setting(name) || 'embedded' : undefined;
  }

  render() {
    return html`<div class="page-head"><h1>About</h1></div>${this.fresh.problem()}
      ${this.info ? facts([
        ['Caravan', this.info.version.release],
        ['Commit', html`<code>${this.info.version.sha}</code>`],
        ['Provider', `${this.info.provider.provider} (${this.info.provider.orchestration})`],
        ['Machine', this.info.arch],
        ['Broker', this.place('CARAVAN_BROKER_URL')],
        ['Database', this.place('CARAVAN_DATABASE_URL')],
        ['Node', this.settings.length ? this.setting('CARAVAN_NODE') : undefined],
        ['Interface', html`<a href="../openapi.yaml">openapi.yaml</a>`],
      ]) : nothing}
      ${this.settings?.length ? html`<h2>Settings</h2>
        <div class="scroll" role="region" aria-label="Settings" tabindex="0"><table>
          <thead><tr><th>Variable</th><th>Value</th><th>From</th><th>Meaning</th></tr></thead>
          <tbody>${this.settings.map(setting => html`<tr>
            <td><code>${setting.name}</code></td>
            <td class="text">${setting.value ? html`<code>${setting.value}</code>` : html`<span class="hint">none</span>`}</td>
            <td>${setting.from === 'environment' ? html`<span class="badge busy">environment</span>`
              : html`<span class="hint">default</span>`}</td>
            <td class="text">${setting.meaning}</td></tr>`)}</tbody></table></div>` : nothing}`;
  }
}

customElements.define('about-page', AboutPage);

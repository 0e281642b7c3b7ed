// Functions: all of them, one with what can be done about it, and a new one.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {Fresh} from '../fresh.js';
import {count, counted, functionName, moment} from '../format.js';
import {link} from '../router.js';
import {may} from '../session.js';
import {readiness} from '../parts/badges.js';
import './functions/deploy.js';
import './functions/function.js';

const PAGE = 'functions';

class FunctionsPage extends Part {
  static properties = {rest: {}, query: {}, functions: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.functions = await get('system/functions', {}, signal);
  }, event => event.type === 'deployment');

  render() {
    if (this.rest[0] === 'new') {
      return html`<deploy-form></deploy-form>`;
    }
    return this.rest.length > 0 ? html`<one-function .name=${this.rest[0]}></one-function>` : this.list();
  }

  list() {
    return html`<div class="page-head"><h1>Functions</h1>
        ${may('admin') ? html`<a class="button primary" href=${link([PAGE, 'new'])}>Deploy a function</a>` : nothing}</div>
      <div class="list-bar"><span role="status">${this.functions ? counted(this.functions.length, 'function') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.functions?.length === 0 ? html`<p class="none big">No function is deployed.</p>` : nothing}
      ${this.functions?.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>Function</th><th>State</th><th class="number">Calls</th><th>Image</th><th>Process</th>
          <th>Deployed</th></tr></thead>
        <tbody>${this.functions.map(each => html`<tr>
          <td><a class="opens" href=${link([PAGE, `${each.name}.${each.namespace}`])}
            >${functionName(each.name, each.namespace)}</a></td>
          <td>${readiness(each)}</td><td class="number">${count(each.invocationCount)}</td>
          <td class="text">${each.image}</td><td class="text"><code>${each.envProcess ?? ''}</code></td>
          <td>${moment(each.createdAt)}</td></tr>`)}</tbody></table></div>` : nothing}`;
  }
}

customElements.define('functions-page', FunctionsPage);

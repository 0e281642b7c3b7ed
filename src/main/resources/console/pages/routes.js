// Routes: what this node does with requests and messages, and how often.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get} from '../api.js';
import {Fresh} from '../fresh.js';
import {addressOf, count, counted} from '../format.js';
import {link} from '../router.js';
import {stateBadge} from '../parts/badges.js';
import {filters} from '../parts/filters.js';
import './routes/route.js';

const PAGE = 'routes';
const STATES = ['started', 'stopped', 'refused'];
const POLL = 5_000;

const FIELDS = [
  {name: 'q', label: 'Search', search: true, hint: 'id, description, address, file'},
  {name: 'state', label: 'State', options: STATES.map(state => [state, state])},
];

/** Those that a query wants. */
export function wanted(routes, {q = '', state = ''}) {
  const text = q.toLowerCase();
  return routes.filter(route => (!state || route.state === state)
    && [route.id, route.description, route.file, route.from, ...route.to].some(word => word.toLowerCase().includes(text)));
}

class RoutesPage extends Part {
  static properties = {rest: {}, query: {}};

  render() {
    return this.rest.length > 0
      ? html`<one-route .route=${this.rest[0]}></one-route>`
      : html`<div class="page-head"><h1>Routes</h1></div>${filters(PAGE, this.query, FIELDS)}
          <route-list .query=${this.query}></route-list>`;
  }
}

class RouteList extends Part {
  static properties = {query: {}, routes: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.routes = await get('system/routes', {}, signal);
  }, event => event.type === 'call');

  /** Requests that are no calls of a queue are told of by no event. */
  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.fresh.heard({type: 'lost'}), POLL);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  render() {
    const shown = this.routes ? wanted(this.routes, this.query) : [];
    return html`
      <div class="list-bar"><span role="status">${this.routes ? counted(shown.length, 'route') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.routes && shown.length === 0 ? html`<p class="none big">No routes here.</p>` : nothing}
      ${shown.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>Route</th><th>State</th><th>What it does</th><th>Set off by</th><th class="number">Messages</th>
          <th class="number">Failed</th><th class="number">Mean</th></tr></thead>
        <tbody>${shown.map(route => html`<tr>
          <td><a class="opens" href=${link([PAGE, route.id])}>${route.id}</a></td>
          <td>${stateBadge(route.state)}${route.refused && route.state !== 'refused'
            ? html` <span class="badge warn">edit refused</span>` : nothing}</td>
          <td class="text">${route.description || route.refused?.message}</td>
          <td><code>${addressOf(route.from)}</code></td>
          <td class="number strong">${count(route.exchanges)}</td><td class="number">${count(route.failures)}</td>
          <td class="number">${route.exchanges ? `${count(Math.round(route.meanMillis * 10) / 10)} ms` : '–'}</td></tr>`)}
        </tbody></table></div>` : nothing}`;
  }
}

customElements.define('route-list', RouteList);
customElements.define('routes-page', RoutesPage);

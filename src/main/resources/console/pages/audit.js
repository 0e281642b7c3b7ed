// Audit: what operators did.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {address, get} from '../api.js';
import {Fresh} from '../fresh.js';
import {count, counted, moment} from '../format.js';
import {sees} from '../session.js';
import {age, asked, filters, pager} from '../parts/filters.js';

const PAGE = 'audit';
const FIELDS = [{name: 'user', label: 'User'}, {name: 'action', label: 'Action'}, age];

/** Each action is one request, and most end without an event. */
const POLL = 5_000;

const change = ({before, after}) => before === undefined ? '' : before === after ? html`stays ${after}`
  : html`${before} → ${after}`;

class AuditPage extends Part {
  static properties = {rest: {}, query: {}};

  render() {
    return html`<div class="page-head"><h1>Audit</h1></div>
      ${sees('operator')
        ? html`${filters(PAGE, this.query, FIELDS)}<audit-list .query=${this.query}></audit-list>`
        : html`<p class="notice">What was done is shown to operators and admins.</p>`}`;
  }
}

class AuditList extends Part {
  static properties = {query: {}, page: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.page = await get('system/audit', asked(this.query), signal);
  }, () => false);

  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.query.cursor || this.fresh.heard({type: 'lost'}), POLL);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
  }

  updated(changed) {
    if (changed.get('query')) {
      this.fresh.now();
    }
  }

  file(format, word, how) {
    const {cursor, limit, ...filter} = asked(this.query);
    return html`<a class="button" title=${how} download="audit.${format}"
      href=${address('system/audit/export', {...filter, format})}>${word}<span class="sr"> export ${how}</span></a>`;
  }

  render() {
    return html`
      <div class="list-bar"><span role="status">${this.page ? counted(this.page.items.length, 'action') : ''}
          ${this.page?.next ? 'and more' : ''}</span>
        ${this.file('csv', 'CSV', 'as a table')}${this.file('ndjson', 'JSON', 'one object a line')}
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.page?.items.length === 0 ? html`<p class="none big">Nothing was done.</p>` : nothing}
      ${this.page?.items.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>When</th><th>Who</th><th>What</th><th>To what</th><th>Change</th>
          <th>Why</th><th class="number">How many</th>
          <th class="number">Answer</th><th>Request</th><th>Node</th></tr></thead>
        <tbody>${this.page.items.map(entry => html`<tr>
          <td>${moment(entry.at)}</td>
          <td>${entry.user || 'nobody was asked'} <span class="hint">${entry.role}</span></td>
          <td>${entry.action}</td><td class="text">${entry.subject}</td>
          <td class="text">${change(entry)}</td><td class="text">${entry.reason}</td>
          <td class="number">${entry.affected === undefined ? '' : count(entry.affected)}</td>
          <td class="number">${entry.status < 400 ? entry.status : html`<span class="badge bad">${entry.status}</span>`}</td>
          <td class="text"><code>${entry.request}</code></td><td>${entry.node}</td></tr>`)}
        </tbody></table></div>${pager(PAGE, this.query, this.page.next)}` : nothing}`;
  }
}

customElements.define('audit-list', AuditList);
customElements.define('audit-page', AuditPage);

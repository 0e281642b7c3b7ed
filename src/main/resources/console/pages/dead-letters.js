// Dead letters: what died of the same → which → one, with all that is known about it → again.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get, segment} from '../api.js';
import {Fresh} from '../fresh.js';
import {ago, count, counted, functionName, moment, size} from '../format.js';
import {link} from '../router.js';
import {may} from '../session.js';
import {age, asked, filters, pager} from '../parts/filters.js';
import {whyBadge} from '../parts/badges.js';
import {spark} from '../parts/spark.js';
import {deleteAll, deleteLetters} from './letters/delete.js';
import {letterFiles} from './letters/files.js';
import './letters/letter.js';
import './letters/bulk-replay.js';
import './letters/times.js';

const PAGE = 'dead-letters';
const REASONS = ['attempts-exhausted', 'rejected', 'expired', 'unknown-function', 'malformed', 'platform-error'];

const FIELDS = [
  {name: 'q', label: 'Search', search: 'letters', hint: 'words, or fn: http: error: body.id: header.X: …'},
  {name: 'function', label: 'Function'},
  {name: 'reason', label: 'Reason', options: REASONS.map(reason => [reason, reason])},
  {name: 'status', label: 'Status'},
  age,
];

/** Brought along by links. */
const BESIDES = {queue: 'Queue', namespace: 'Namespace'};

class DeadLettersPage extends Part {
  static properties = {rest: {}, query: {}};

  render() {
    if (this.rest.length > 0) {
      return html`<dead-letter .letterId=${this.rest[0]}></dead-letter>`;
    }
    const grouped = this.query.view !== 'list' && !this.query.fingerprint;
    const to = view => link(PAGE, {...this.query, view, cursor: ''});
    return html`
      <div class="page-head"><h1>Dead letters</h1>
        <div class="tabs"><a href=${to('')} aria-current=${grouped || nothing}>Groups</a>
          <a href=${to('list')} aria-current=${!grouped || nothing}>Letters</a></div></div>
      ${filters(PAGE, this.query, FIELDS, BESIDES)}
      <letter-times .query=${this.query}></letter-times>
      ${grouped ? html`<letter-groups .query=${this.query}></letter-groups>`
        : html`<letter-list .query=${this.query}></letter-list>`}`;
  }
}

/** A call that died, or began anew, may have changed what stands here. */
const concernsLetters = event => event.type === 'call' && (event.status === 'dead' || event.generation > 1);

class LetterGroups extends Part {
  static properties = {query: {}, groups: {state: true}};

  fresh = new Fresh(this, async signal => {
    this.groups = await get('system/dead-letters/groups', asked(this.query), signal);
  }, concernsLetters);

  updated(changed) {
    if (changed.get('query')) {
      this.fresh.now();
    }
  }

  render() {
    return html`
      <div class="list-bar"><span role="status">${this.groups ? counted(this.groups.length, 'group') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.groups?.length === 0 ? html`<p class="none big">No dead letters here.</p>` : nothing}
      ${this.groups?.length ? this.table() : nothing}`;
  }

  table() {
    return html`<div class="scroll" data-hold><table>
      <thead><tr><th class="number">Letters</th><th>Function</th><th>Died of</th><th>Error</th>
        <th>Last 24 h</th><th>First</th><th>Last</th></tr></thead>
      <tbody>${this.groups.map(group => html`<tr>
        <td class="number strong">${count(group.count)}</td>
        <td><a class="opens" href=${link(PAGE, {...this.query, fingerprint: group.fingerprint, function: group.function})}
          >${functionName(group.function, group.namespace)}</a></td>
        <td>${whyBadge(group.reason, group.statusCode)}</td>
        <td class="text">${group.error ?? html`<span class="none">an answer, no error</span>`}</td>
        <td>${spark(group.hourly, ['letter', 'letters'], 'hour')}</td>
        <td>${moment(group.firstAt)}</td>
        <td>${moment(group.lastAt)} <span class="hint">${ago(group.lastAt)}</span></td>
      </tr>`)}</tbody></table></div>`;
  }
}

class LetterList extends Part {
  static properties = {query: {}, page: {state: true}, selected: {state: true}};

  constructor() {
    super();
    this.selected = new Set();
  }

  fresh = new Fresh(this, async signal => {
    this.page = await get('system/dead-letters', asked(this.query), signal);
    this.example = await this.newestAnswer(signal);
    this.selected = new Set([...this.selected].filter(id => this.page.items.some(letter => letter.id === id)));
  }, concernsLetters);

  /** Of a group whose letters have no error, since a function answered them all: what that was. */
  async newestAnswer(signal) {
    const newest = this.query.fingerprint && !this.query.cursor ? this.page.items[0] : undefined;
    if (!newest || newest.error) {
      return '';
    }
    const {history} = await get(`system/dead-letters/${segment(newest.id)}`, {}, signal);
    return history.at(-1)?.responseExcerpt ?? '';
  }

  updated(changed) {
    if (changed.get('query')) {
      this.selected = new Set();
      this.fresh.now();
    }
  }

  select(id, on) {
    const selected = new Set(this.selected);
    on ? selected.add(id) : selected.delete(id);
    this.selected = selected;
  }

  async delete() {
    await deleteLetters([...this.selected], () => this.fresh.now());
  }

  render() {
    return html`
      ${this.query.fingerprint ? this.group() : nothing}
      <div class="list-bar">
        <span role="status">${this.page ? counted(this.page.total, 'letter') : ''}</span>
        ${may('operator') ? html`
          <button ?disabled=${!this.page?.total} @click=${() => this.querySelector('bulk-replay').open()}
            >Replay all ${this.page ? count(this.page.total) : ''}…</button>
          <button ?disabled=${!this.page?.total} @click=${() => deleteAll(asked(this.query), () => this.fresh.now())}
            >Delete all ${this.page ? count(this.page.total) : ''}…</button>
          <button ?disabled=${this.selected.size === 0} @click=${this.delete}
            >Delete ${this.selected.size || ''} selected</button>
          ${letterFiles(asked(this.query), this.page?.total, () => this.fresh.now())}` : nothing}
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.page?.items.length === 0 ? html`<p class="none big">No dead letters here.</p>` : nothing}
      ${this.page?.items.length ? this.table() : nothing}
      <bulk-replay .filter=${this.query}></bulk-replay>`;
  }

  /** What all of them have in common. */
  group() {
    const some = this.page?.items[0];
    return html`<p class="group-head">Those that died of the same as
      ${some?.error ? html`<q>${some.error}</q>` : html`group <code>${this.query.fingerprint}</code>`}.
      ${this.example ? html`The newest was answered <q>${this.example.slice(0, 300)}</q>.` : nothing}
      <a href=${link(PAGE, {...this.query, fingerprint: '', view: ''})}>All groups</a></p>`;
  }

  table() {
    const all = this.page.items.every(letter => this.selected.has(letter.id));
    return html`<div class="scroll" data-hold><table>
      <thead><tr>
        <th class="tick"><input type="checkbox" aria-label="Select all on this page" .checked=${all}
          @change=${event => (this.selected = new Set(event.target.checked ? this.page.items.map(each => each.id) : []))}></th>
        <th>Died</th><th>Function</th><th>Died of</th><th>Error</th><th class="number">Attempts</th>
        <th class="number">Replays</th><th class="number">Size</th></tr></thead>
      <tbody>${this.page.items.map(letter => this.row(letter))}</tbody></table></div>
      ${pager(PAGE, this.query, this.page.next)}`;
  }

  row(letter) {
    return html`<tr>
      <td class="tick"><input type="checkbox" aria-label="Select letter ${letter.id}"
        .checked=${this.selected.has(letter.id)} @change=${event => this.select(letter.id, event.target.checked)}></td>
      <td><a class="opens" href=${link([PAGE, letter.id])}>${moment(letter.deadAt)}</a></td>
      <td>${functionName(letter.function, letter.namespace)}</td>
      <td>${whyBadge(letter.reason, letter.statusCode)}</td>
      <td class="text">${letter.error ?? html`<span class="none">–</span>`}</td>
      <td class="number">${letter.attempts}</td>
      <td class="number">${letter.replays ? html`<span class="badge warn">came back ${letter.replays}×</span>` : '0'}</td>
      <td class="number">${size(letter.size)}</td></tr>`;
  }
}

customElements.define('letter-groups', LetterGroups);
customElements.define('letter-list', LetterList);
customElements.define('dead-letters-page', DeadLettersPage);

// Secrets: what functions may be given to know. Their values go in and never come out.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {get, send} from '../api.js';
import {Fresh} from '../fresh.js';
import {counted} from '../format.js';
import {go} from '../router.js';
import {may} from '../session.js';
import {confirm} from '../parts/confirm.js';
import {attempt, toast} from '../parts/toasts.js';

const JSON_BODY = {'Content-Type': 'application/json'};

class SecretsPage extends Part {
  static properties = {rest: {}, query: {}, secrets: {state: true}, namespaces: {state: true}, replaced: {state: true}};

  fresh = new Fresh(this, async signal => {
    const namespace = this.query?.namespace;
    [this.namespaces, this.secrets] = await Promise.all([
      get('system/namespaces', {}, signal), get('system/secrets', {namespace}, signal)]);
  }, event => event.type === 'deployment');

  updated(changed) {
    if (changed.get('query')) {
      this.fresh.now();
    }
  }

  namespace() {
    return this.query.namespace || this.namespaces?.[0];
  }

  change(method, secret, reason) {
    return send(method, 'system/secrets', {
      body: JSON.stringify({...secret, namespace: this.namespace()}), headers: JSON_BODY, reason});
  }

  async create(event) {
    event.preventDefault();
    const form = event.target;
    const {name, value} = form.elements;
    await attempt(async () => {
      await this.change('POST', {name: name.value.trim(), value: value.value});
      toast(`${name.value.trim()} is kept`);
      form.reset();
      await this.fresh.now();
    });
  }

  async replace(event) {
    event.preventDefault();
    const form = event.target;
    await attempt(async () => {
      await this.change('PUT', {name: this.replaced, value: form.elements.value.value});
      toast(`${this.replaced} has a new value; functions that run have it too`);
      form.reset();
      this.close();
    });
  }

  async delete(name) {
    const sure = await confirm({
      title: `Delete ${name}?`,
      text: 'Functions that run keep it until they end; those that start without it fail.',
      verb: 'Delete the secret',
      typed: name,
      why: true,
    });
    if (sure) {
      await attempt(async () => {
        await this.change('DELETE', {name}, sure.reason);
        toast(`${name} is deleted`);
        await this.fresh.now();
      });
    }
  }

  async open(name) {
    this.replaced = name;
    await this.updateComplete;
    this.querySelector('dialog').showModal();
  }

  close() {
    this.querySelector('dialog').close();
  }

  render() {
    return html`<div class="page-head"><h1>Secrets</h1></div>
      ${this.namespaces?.length > 1 ? html`<form class="filters"><label>Namespace <select name="namespace"
        @change=${event => go('secrets', {namespace: event.target.value})}>${this.namespaces.map(each => html`
          <option ?selected=${each === this.namespace()}>${each}</option>`)}</select></label></form>` : nothing}
      <div class="list-bar"><span role="status">${this.secrets ? counted(this.secrets.length, 'secret') : ''}</span>
        ${this.fresh.chip()}<button class="quiet" data-reload @click=${() => this.fresh.now()}>Reload</button></div>
      ${this.fresh.problem()}
      ${this.secrets?.length === 0 ? html`<p class="none big">No secrets here.</p>` : nothing}
      ${this.secrets?.length ? html`<div class="scroll" data-hold><table>
        <thead><tr><th>Name</th><th>Value</th>${may('admin') ? html`<th>Actions</th>` : nothing}</tr></thead>
        <tbody>${this.secrets.map(({name}) => html`<tr><td>${name}</td><td class="hint">never shown</td>
          ${may('admin') ? html`<td><div class="actions">
            <button @click=${() => this.open(name)}>Replace<span class="sr"> ${name}</span></button>
            <button class="danger" @click=${() => this.delete(name)}>Delete<span class="sr"> ${name}</span></button>
          </div></td>` : nothing}</tr>`)}</tbody></table></div>` : nothing}
      ${may('admin') ? this.forms() : nothing}`;
  }

  forms() {
    const value = html`<label>Value <textarea name="value" rows="3" required spellcheck="false" autocomplete="off"
      ></textarea></label>`;
    return html`<h2>A new secret</h2>
      <form class="card form" aria-label="A new secret" @submit=${this.create}>
        <label>Name <input name="name" required maxlength="253" pattern="[a-z0-9]([a-z0-9.\\-]*[a-z0-9])?"
          autocomplete="off" spellcheck="false"></label>
        ${value}
        <p class="actions"><button class="primary">Keep it</button></p></form>
      <dialog aria-labelledby="replace-title"><form @submit=${this.replace}>
        <h2 id="replace-title">A new value of ${this.replaced}</h2>
        ${value}
        <p class="actions"><button type="button" @click=${() => this.close()}>Cancel</button>
          <button class="primary">Replace it</button></p></form></dialog>`;
  }
}

customElements.define('secrets-page', SecretsPage);

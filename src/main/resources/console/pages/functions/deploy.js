// A new function, or another version of one.
import {html} from 'lit';
import {Part} from '../../part.js';
import {send} from '../../api.js';
import {go, link} from '../../router.js';
import {attempt, toast} from '../../parts/toasts.js';

/** `NAME=value` a line; blank lines are skipped. */
export function assignments(text) {
  return Object.fromEntries(text.split('\n').map(line => line.trim()).filter(Boolean).map(line => {
    const equals = line.indexOf('=');
    if (equals < 1) {
      throw new Error(`"${line}" is not NAME=value`);
    }
    return [line.slice(0, equals).trim(), line.slice(equals + 1)];
  }));
}

class DeployForm extends Part {
  static properties = {busy: {state: true}};

  async submit(event) {
    event.preventDefault();
    const value = name => event.target.elements[name].value.trim();
    this.busy = true;
    await attempt(async () => {
      const body = JSON.stringify({
        service: value('service'),
        image: value('image') || value('service'),
        ...(value('process') && {envProcess: value('process')}),
        envVars: assignments(value('environment')),
        annotations: assignments(value('annotations')),
        labels: assignments(value('labels')),
        secrets: value('secrets').split(/[\s,]+/).filter(Boolean),
      });
      await send('POST', 'system/functions', {body, headers: {'Content-Type': 'application/json'}});
      toast(`${value('service')} is deployed`);
      go(['functions', value('service')]);
    });
    this.busy = false;
  }

  render() {
    const area = (name, label, hint) => html`<label>${label} <textarea name=${name} rows="3" spellcheck="false"
      placeholder=${hint}></textarea></label>`;
    return html`
      <nav class="crumbs" aria-label="Path"><a href=${link('functions')}>Functions</a></nav>
      <div class="page-head"><h1>Deploy a function</h1></div>
      <form class="card form" @submit=${this.submit}>
        <label>Name <input name="service" required pattern="[a-z0-9]([a-z0-9.\\-]*[a-z0-9])?" autocomplete="off"
          spellcheck="false"></label>
        <label>Image <input name="image" autocomplete="off" spellcheck="false" placeholder="a label only, for processes"></label>
        <label>Process <input name="process" autocomplete="off" spellcheck="false"
          placeholder="what is run for each call, e.g. wc -w"></label>
        ${area('environment', 'Environment', 'NAME=value, one a line')}
        ${area('labels', 'Labels', 'com.openfaas.scale.max=5')}
        ${area('annotations', 'Annotations', 'com.openfaas.retry.attempts=3')}
        <label>Secrets <input name="secrets" autocomplete="off" placeholder="names, separated by commas"></label>
        <p class="actions"><a class="button" href=${link('functions')}>Cancel</a>
          <button class="primary" ?disabled=${this.busy}>Deploy</button></p>
      </form>`;
  }
}

customElements.define('deploy-form', DeployForm);

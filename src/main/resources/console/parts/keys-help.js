// Which keys do what.
import {html} from 'lit';
import {Part} from '../part.js';
import {shortcuts, singleKeys, useSingleKeys} from '../keys.js';
import {pages} from '../pages.js';

class KeysHelp extends Part {
  open() {
    this.querySelector('dialog').showModal();
  }

  render() {
    return html`
      <button class="quiet" title="Keys" aria-label="Keys" @click=${this.open}>?</button>
      <dialog aria-labelledby="keys-title">
        <h2 id="keys-title">Keys</h2>
        <table class="plain"><tbody>
          ${shortcuts.map(([key, does]) => html`<tr><th scope="row"><kbd>${key}</kbd></th><td>${does}</td></tr>`)}
          ${pages().map((page, i) => html`<tr><th scope="row"><kbd>${i + 1}</kbd></th><td>${page.title}</td></tr>`)}
        </tbody></table>
        <label class="check"><input type="checkbox" .checked=${singleKeys()}
          @change=${event => useSingleKeys(event.target.checked)}> Single letters do this</label>
        <form method="dialog"><button class="primary">Close</button></form>
      </dialog>`;
  }
}

customElements.define('keys-help', KeysHelp);

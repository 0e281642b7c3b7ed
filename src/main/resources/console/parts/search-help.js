// What can be typed into the search box of calls and of dead letters.
import {html, nothing} from 'lit';
import {Part} from '../part.js';

const CALLS = 'calls';

/** What is typed, what it finds, and which of the two lists it is for when it is not for both. */
const FIELDS = [
  ['order 17', 'these words as they stand'],
  ['"fn:pay"', 'what is in quotes, as it stands'],
  ['fn:pay fn:pay.team-a', 'calls of this function', '', true],
  ['status:retrying', 'what is scheduled, queued, running, retrying, succeeded, dead or cancelled', CALLS, true],
  ['reason:expired', 'what died of this'],
  ['http:500 http:5xx http:>=500', 'the last answer’s status'],
  ['error:refused', 'in the error of an attempt'],
  ['exc:NullPointer', 'in an error or an answer, where exceptions stand'],
  ['header.X-Tenant:acme', 'in this header of the request'],
  ['body:"order 17"', 'in the request’s body'],
  ['body.order.id:17 body.total:>100', 'at this path of a body that is JSON'],
  ['callId:1c9a2b7e', 'what the call’s id begins with; a whole id is found at once', '', true],
  ['age:<2h age:>7d', 'younger, or older (s, m, h, d, w)', '', true],
  ['since:2h until:2026-01-31', 'from then on, or before then', '', true],
  ['attempts:>3', 'how often it was tried'],
  ['replays:>0', 'how often it was replayed'],
  ['group:5f2c8a90b1d34e67', 'what died of the same', 'letters', true],
  ['queue:faas-request ns:team-a', 'of this queue or namespace'],
];

class SearchHelp extends Part {
  static properties = {of: {}};

  open() {
    this.querySelector('dialog').showModal();
  }

  render() {
    const fields = FIELDS.filter(([, , only]) => !only || only === this.of);
    return html`
      <button type="button" class="quiet" @click=${this.open}>What can be searched</button>
      <dialog class="wide" aria-labelledby="what-finds-what">
        <h2 id="what-finds-what">What finds what</h2>
        <p>All that is typed must be true. What is marked <b>•</b> is found by an index, and quickly among however many;
          put one of these beside the others.
          ${this.of === CALLS ? html`Of a call that is not dead, headers and bodies are found only where
            <code>CARAVAN_REQUEST_LIMIT</code> keeps them.` : nothing}</p>
        <table class="plain"><tbody>${fields.map(([typed, finds, , quick]) => html`
          <tr><th scope="row"><code>${typed}</code></th><td>${finds}</td>
            <td>${quick ? html`<span title="by an index">•</span>` : nothing}</td></tr>`)}</tbody></table>
        <form method="dialog"><button class="primary">Close</button></form>
      </dialog>`;
  }
}

customElements.define('search-help', SearchHelp);

// The form in front of everything else.
import {html, nothing} from 'lit';
import {Part} from '../part.js';
import {signIn} from '../session.js';

class SignInForm extends Part {
  static properties = {problem: {state: true}, busy: {state: true}};

  firstUpdated() {
    this.querySelector('input').focus();
  }

  async submit(event) {
    event.preventDefault();
    const form = event.target;
    this.busy = true;
    this.problem = '';
    try {
      this.tell('signed-in', await signIn(form.elements.user.value, form.elements.password.value));
    } catch (problem) {
      this.problem = words(problem);
      form.elements.password.select();
    } finally {
      this.busy = false;
    }
  }

  render() {
    return html`
      <main class="alone">
        <h1><img src="icon.svg" alt="" width="32" height="32"> Caravan</h1>
        <form class="card" @submit=${this.submit}>
          <label>User <input name="user" autocomplete="username" required value="admin"></label>
          <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
          ${this.problem ? html`<p class="notice bad" role="alert">${this.problem}</p>` : nothing}
          <button class="primary" ?disabled=${this.busy}>Sign in</button>
        </form>
        <p class="hint">The admin's password stands in <code>basic-auth-password</code> in Caravan's secrets folder.</p>
      </main>`;
  }
}

function words(problem) {
  return {
    401: 'User or password are wrong.',
    429: 'Too many wrong passwords came from your address; try again in a minute.',
    503: 'Too many sign in at once; try again.',
  }[problem.status] ?? problem.message;
}

customElements.define('sign-in-form', SignInForm);

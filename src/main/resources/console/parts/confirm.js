// Asks before something that cannot be taken back easily.
import {html, nothing, render} from 'lit';

/**
 * Asks, in a dialog of its own.
 *
 * @param title what will happen, as a question
 * @param text what it means
 * @param verb what the button says
 * @param typed what must be typed first; for what concerns much
 * @param why whether to ask why, for the audit log; nobody has to say it
 * @returns false, or `{reason}` when it was confirmed
 */
export function confirm({title, text, verb, typed, why = false}) {
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  const matches = () => !typed || dialog.querySelector('input[name=typed]')?.value === typed;
  const draw = () => render(html`
    <form method="dialog">
      <h2 id="confirm-title">${title}</h2>
      <p>${text}</p>
      ${typed ? typing(typed, draw) : nothing}
      ${why ? reasonField() : nothing}
      <p class="actions"><button value="no" formnovalidate>Cancel</button>
        <button class="danger" value="yes" ?disabled=${!matches()}>${verb}</button></p>
    </form>`, dialog);
  document.body.append(dialog);
  draw();
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => {
      const reason = dialog.querySelector('input[name=reason]')?.value.trim() ?? '';
      dialog.remove();
      resolve(dialog.returnValue === 'yes' && {reason});
    });
  });
}

/** What must be typed, so that nobody confirms it in passing. */
export const typing = (typed, then) => html`<label>Type <b>${typed}</b> to confirm
  <input name="typed" autocomplete="off" @input=${then}></label>`;

/** Why; as long as the audit log keeps it. */
export const reasonField = () => html`<label>Why, for the audit log (or nothing)
  <input name="reason" maxlength="500" autocomplete="off"></label>`;

// Asks before something that cannot be taken back easily.
import {html, nothing, render} from 'lit';

/**
 * Asks, in a dialog of its own.
 *
 * @param title what will happen, as a question
 * @param text what it means
 * @param verb what the button says
 * @param typed what must be typed first; for what concerns much
 * @returns whether it was confirmed
 */
export function confirm({title, text, verb, typed}) {
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'confirm-title');
  const matches = () => !typed || dialog.querySelector('input')?.value === typed;
  const draw = () => render(html`
    <form method="dialog">
      <h2 id="confirm-title">${title}</h2>
      <p>${text}</p>
      ${typed ? html`<label>Type <b>${typed}</b> to confirm <input autocomplete="off" @input=${draw}></label>` : nothing}
      <p class="actions"><button value="no" formnovalidate>Cancel</button>
        <button class="danger" value="yes" ?disabled=${!matches()}>${verb}</button></p>
    </form>`, dialog);
  document.body.append(dialog);
  draw();
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}

// What every component of the console is made from.
import {LitElement} from 'lit';

/**
 * A component that draws into the page itself, not into a shadow of its own: one style sheet serves all, and labels and
 * headings reach across components.
 */
export class Part extends LitElement {
  createRenderRoot() {
    return this;
  }

  /** Tells whoever stands around it. */
  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail, bubbles: true}));
  }
}

// Keeps what a component shows up to date, without pulling it away from whoever is about to click on it.
import {html, nothing} from 'lit';
import {connected, listen} from './live.js';

const PAUSE = 1_000;
const POLL = 15_000;

/**
 * Loads when the component appears, and again when events say that something has changed: at most once a second, and not
 * while the pointer or the focus is in a part marked `data-hold`. What is held then is offered by {@link chip}.
 */
export class Fresh {
  /**
   * @param host the component
   * @param load loads everything anew; gets an AbortSignal
   * @param concerns whether an event means that something may have changed
   */
  constructor(host, load, concerns) {
    this.host = host;
    this.load = load;
    this.concerns = concerns;
    this.stale = false;
    this.held = false;
    this.error = null;
    this.loaded = false;
    host.addController(this);
  }

  hostConnected() {
    this.stopListening = listen(event => this.heard(event));
    this.poll = setInterval(() => connected || this.heard({type: 'lost'}), POLL);
    this.leave = () => setTimeout(() => this.held && this.settle(), 50);
    this.host.addEventListener('pointerout', this.leave);
    this.host.addEventListener('focusout', this.leave);
    this.now();
  }

  hostDisconnected() {
    this.stopListening();
    clearInterval(this.poll);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.host.removeEventListener('pointerout', this.leave);
    this.host.removeEventListener('focusout', this.leave);
    this.running?.abort();
  }

  heard(event) {
    if (event.type === 'connection' ? connected && this.loaded : event.type === 'lost' || this.concerns(event)) {
      this.stale = true;
      this.timer ??= setTimeout(() => this.settle(), PAUSE);
    }
  }

  settle() {
    this.timer = undefined;
    if (!this.stale) {
      return;
    }
    const held = this.host.querySelector('[data-hold]:hover, [data-hold]:focus-within') !== null;
    if (held) {
      this.held = true;
      this.host.requestUpdate();
    } else {
      this.now();
    }
  }

  /** Loads at once, whatever is pointed at. */
  async now() {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.stale = false;
    this.held = false;
    try {
      await this.load(running.signal);
      this.error = null;
    } catch (problem) {
      if (running.signal.aborted) {
        return;
      }
      this.error = problem;
    }
    if (this.running === running) {
      this.loaded = true;
      this.host.requestUpdate();
    }
  }

  /** Offers what is held. It keeps its room when there is nothing, so that nothing moves. */
  chip() {
    return html`<span class="chip-room">${this.held
      ? html`<button class="chip" @click=${() => this.now()}>Changes are waiting · show</button>`
      : nothing}</span>`;
  }

  /** Says why nothing could be loaded. */
  problem() {
    return this.error
      ? html`<p class="notice bad" role="alert">${this.error.message}
          <button @click=${() => this.now()}>Try again</button></p>`
      : nothing;
  }
}

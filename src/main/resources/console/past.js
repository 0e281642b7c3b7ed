// How queues and functions went before anybody looked, as the server remembers it.
import {get} from './api.js';

const CLOSELY = 10_000;
const ROUGHLY = 60_000;

/** Loads a part of the past when the component appears, and goes on with it while it is there. */
export class Past {
  /**
   * @param host the component
   * @param asked gives `{of, hours?, name?}`
   */
  constructor(host, asked) {
    this.host = host;
    this.asked = asked;
    this.view = null;
    this.problem = '';
    host.addController(this);
  }

  hostConnected() {
    this.there = true;
    this.now();
  }

  hostDisconnected() {
    this.there = false;
    clearTimeout(this.timer);
  }

  /** Loads it at once; for when something else is asked. */
  async now() {
    clearTimeout(this.timer);
    const asked = this.asked();
    try {
      this.view = await get('system/history', asked);
      this.problem = '';
    } catch (problem) {
      this.problem = problem.message;
    }
    this.host.requestUpdate();
    if (this.there) {
      this.timer = setTimeout(() => this.now(), asked.hours > 1 ? ROUGHLY : CLOSELY);
    }
  }

  /** `{figure: [numbers]}` of one queue or function; nothing when it is not known. */
  of(name) {
    return this.view?.series[name];
  }
}

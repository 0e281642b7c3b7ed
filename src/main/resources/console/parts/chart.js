// Figures over time: as a line in passing, and as a chart of which a part can be taken.
import {html, nothing, svg} from 'lit';
import {Part} from '../part.js';
import {count, moment} from '../format.js';

const WIDTH = 1_000;
const HEIGHT = 160;
const MOST_ROWS = 24;
const TONES = ['accent', 'ok', 'warn', 'bad'];

/** Neighbours as one, so that no more than `most` are left; the highest counts, a gap only when there is nothing else. */
export function squeezed(values, most) {
  const each = Math.ceil(values.length / most);
  return Array.from({length: Math.ceil(values.length / each)}, (_, i) => {
    const known = values.slice(i * each, (i + 1) * each).filter(value => value !== null);
    return known.length > 0 ? Math.max(...known) : null;
  });
}

/** A path through all that is known, with gaps where nothing is. */
export function pathOf(values, highest, width, height) {
  const x = i => (values.length > 1 ? (i / (values.length - 1)) * width : 0).toFixed(1);
  const dot = Math.max(1, Math.round(width / 120));
  const y = value => (height - (value / Math.max(1, highest)) * height).toFixed(1);
  return values.map((value, i) => {
    if (value === null) {
      return '';
    }
    const alone = (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null;
    return `${(values[i - 1] ?? null) === null ? 'M' : 'L'}${x(i)},${y(value)}${alone ? `h${dot}` : ''}`;
  }).join('');
}

/** A line without axes; the words or numbers beside it say the same. */
export function sparkline(values, label) {
  const few = squeezed(values, 60);
  const highest = Math.max(1, ...few);
  return html`<svg class="spark" viewBox="0 -1 120 26" preserveAspectRatio="none" role="img" aria-label=${label}>
    <path d=${pathOf(few, highest, 120, 24)}/></svg>`;
}

/**
 * Lines over time, each with a word. What is pointed at is told above; dragging takes a part of the time, of which a
 * `taken` event tells, `{since, until}`; the same can be had from the table below it.
 */
class TimeChart extends Part {
  static properties = {
    label: {}, from: {}, step: {}, lines: {}, // lines: `{word, values}` each
    ending: {}, // what the last values are of, when that is not now
    written: {}, // how a value is written, when not as a number
    off: {state: true}, read: {state: true}, at: {state: true}, begun: {state: true}, range: {state: true},
  };

  constructor() {
    super();
    this.off = new Set();
    this.read = false;
    this.at = null;
    this.begun = null;
    this.range = null;
  }

  /** The window goes on with the clock; what was taken stays at its time. */
  willUpdate(changed) {
    const before = changed.get('from');
    if (before && this.range) {
      const by = Math.round((new Date(this.from) - new Date(before)) / 1000 / this.step);
      const [first, last] = this.range.map(i => Math.min(this.length() - 1, i - by));
      this.range = last < 0 ? null : [Math.max(0, first), last];
    }
  }

  shown() {
    return this.lines.filter(line => !this.off.has(line.word));
  }

  text(value) {
    return (this.written ?? count)(value);
  }

  length() {
    return this.lines[0]?.values.length ?? 0;
  }

  time(i) {
    return new Date(new Date(this.from).getTime() + i * this.step * 1000).toISOString();
  }

  toggle(word) {
    const off = new Set(this.off);
    off.delete(word) || off.add(word);
    this.off = off;
  }

  pointed(event) {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    return Math.max(0, Math.min(this.length() - 1, Math.round(share * (this.length() - 1))));
  }

  press(event) {
    event.currentTarget.setPointerCapture(event.pointerId);
    this.begun = this.pointed(event);
    this.range = null;
  }

  move(event) {
    this.at = this.pointed(event);
    if (this.begun !== null && this.at !== this.begun) {
      this.range = [Math.min(this.begun, this.at), Math.max(this.begun, this.at)];
    }
  }

  release() {
    this.begun = null;
    if (this.range) {
      this.take(...this.range);
    }
  }

  take(first, last) {
    this.tell('taken', {since: this.time(first), until: this.time(last + 1)});
  }

  render() {
    const highest = Math.max(1, ...this.shown().flatMap(line => line.values));
    return html`<figure class="chart">
      <figcaption><b>${this.label}</b>
        ${this.lines.map((line, i) => this.key(line, i))}
        <span class="hint">${this.at === null ? this.ending ?? 'now' : moment(this.time(this.at))}</span></figcaption>
      <div class="plot"><span class="top" aria-hidden="true">${this.text(highest)}</span>
        <svg viewBox="0 -2 ${WIDTH} ${HEIGHT + 4}" preserveAspectRatio="none" role="img"
          aria-label="${this.label}; the table below says the same"
          @pointerdown=${this.press} @pointermove=${this.move} @pointerup=${this.release}
          @pointerleave=${() => (this.at = null)}>
          <path class="grid" d="M0,0H${WIDTH}M0,${HEIGHT / 2}H${WIDTH}M0,${HEIGHT}H${WIDTH}"/>
          ${this.lines.map((line, i) => this.off.has(line.word) ? nothing
            : svg`<path class="line ${TONES[i % TONES.length]}" d=${pathOf(line.values, highest, WIDTH, HEIGHT)}/>`)}
          ${this.range ? this.band(...this.range) : nothing}
        </svg>
        <div class="times" aria-hidden="true"><span>${moment(this.time(0))}</span>
          <span>${moment(this.time(this.length()))}</span></div>
      </div>
      <details @toggle=${event => (this.read = event.target.open)}>
        <summary>As a table</summary>${this.read ? this.table() : nothing}</details></figure>`;
  }

  key(line, i) {
    const value = this.at === null ? line.values.findLast(each => each !== null) : line.values[this.at];
    return html`<button class="quiet key ${TONES[i % TONES.length]}" aria-pressed=${!this.off.has(line.word)}
      @click=${() => this.toggle(line.word)}><svg viewBox="0 0 20 4" aria-hidden="true"><path class="line ${TONES[i % TONES.length]}"
      d="M0,2H20"/></svg>${line.word} <b>${value === null || value === undefined ? '–' : this.text(value)}</b></button>`;
  }

  band(first, last) {
    const x = i => (i / Math.max(1, this.length() - 1)) * WIDTH;
    return svg`<rect class="band" x=${x(first)} y="0" width=${x(last) - x(first)} height=${HEIGHT}/>`;
  }

  table() {
    const each = Math.ceil(this.length() / MOST_ROWS);
    const columns = this.lines.map(line => squeezed(line.values, MOST_ROWS));
    const rows = (columns[0] ?? []).map((_, i) => i).reverse();
    return html`<div class="scroll"><table><thead><tr><th>From</th>${this.lines.map(line =>
        html`<th class="number">${line.word}</th>`)}<th>Take it</th></tr></thead>
      <tbody>${rows.map(i => html`<tr><td>${moment(this.time(i * each))}</td>${columns.map(values =>
        html`<td class="number">${values[i] === null ? '–' : this.text(values[i])}</td>`)}
        <td><button @click=${() => this.take(i * each, Math.min(this.length(), (i + 1) * each) - 1)}
          >Take<span class="sr"> the time from ${this.time(i * each)}</span></button></td></tr>`)}</tbody></table></div>`;
  }
}

customElements.define('time-chart', TimeChart);

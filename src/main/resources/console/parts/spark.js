// A small picture of how many there were in each step, for a row of a table.
import {html, svg} from 'lit';
import {counted} from '../format.js';

const HEIGHT = 20;
const STEP = 4;

/**
 * Bars, the oldest first; the largest is as high as there is room.
 *
 * @param values one a step
 * @param of what they count, as one and as many
 * @param step one step, in words
 */
export function spark(values, of, step) {
  const most = Math.max(...values);
  const sum = values.reduce((all, value) => all + value, 0);
  const label = sum === 0 ? `no ${of[1]}` : `${counted(sum, ...of)}, at most ${most} in one ${step}`;
  return html`<svg class="spark" role="img" aria-label=${label} viewBox="0 0 ${values.length * STEP} ${HEIGHT}"
      width=${values.length * STEP} height=${HEIGHT}><title>${label}</title>
    <line x1="0" x2=${values.length * STEP} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5}></line>
    ${values.map((value, i) => {
      const high = value === 0 ? 0 : Math.max(2, (value / most) * HEIGHT);
      return svg`<rect x=${i * STEP} y=${HEIGHT - high} width=${STEP - 1} height=${high}></rect>`;
    })}</svg>`;
}

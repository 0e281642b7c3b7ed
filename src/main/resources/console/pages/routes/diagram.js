// A route drawn from what runs: its steps from top to bottom, branches side by side, with what came to each.
import {html, nothing, svg} from 'lit';
import {addressOf, count} from '../../format.js';

const WIDTH = 224;
const HEIGHT = 50;
const DOWN = 26;
const ACROSS = 22;
const MARGIN = 12;

/** Room for a way around all branches. */
const AROUND = 40;

/** Room for so many letters; what is longer shows when it is pointed at. */
const LETTERS = 30;

/** Nothing comes after them. */
const ENDS = ['stop', 'throwException', 'rollback'];

const ends = steps => steps.length > 0 && ENDS.includes(steps.at(-1).kind);

/**
 * What stands side by side in a step: the branches of a choice, a try and what it catches, else its steps. A branch that
 * has a step of its own for its head begins with it; an empty one is the way of what no other wants.
 */
function branches(step) {
  if (step.kind === 'choice') {
    const all = step.children.map(branch => ({head: branch, steps: branch.children}));
    return step.children.some(branch => branch.kind === 'otherwise') ? all : [...all, {steps: []}];
  }
  if (step.kind === 'filter') {
    return [{steps: step.children}, {steps: []}];
  }
  if (step.kind === 'doTry') {
    const apart = child => ['doCatch', 'doFinally'].includes(child.kind);
    return [{steps: step.children.filter(child => !apart(child))},
      ...step.children.filter(apart).map(child => ({head: child, steps: child.children}))];
  }
  return step.children.length > 0 ? [{steps: step.children}] : [];
}

/** They stand first in a route, and nothing comes to them unless something has gone wrong or is over. */
const isAside = step => ['onException', 'onCompletion'].includes(step.kind);

/**
 * Where everything stands: `{width, height, boxes: [{x, y, step}], lines: [path]}`. Steps have `kind`, `label` and
 * `children`. What happens in other cases stands beside the way that messages go.
 */
export function layout(steps) {
  const boxes = [];
  const lines = [];
  const columns = [steps.filter(step => !isAside(step)),
    ...steps.filter(isAside).map(step => [{...step, children: []}, ...step.children])];
  let x = MARGIN;
  let height = 0;
  for (const each of columns) {
    const size = column(each);
    draw(each, x + size.width / 2, MARGIN);
    x += size.width + ACROSS;
    height = Math.max(height, size.height);
  }
  return {width: x - ACROSS + MARGIN, height: height + 2 * MARGIN, boxes, lines};

  function column(all) {
    const blocks = all.map(block);
    return {
      width: Math.max(AROUND, ...blocks.map(each => each.width)),
      height: blocks.reduce((sum, each) => sum + each.height, 0) + DOWN * Math.max(0, blocks.length - 1),
    };
  }

  function inBranch({head, steps: inner}) {
    return column(head ? [{...head, children: []}, ...inner] : inner);
  }

  function block(step) {
    const columns = branches(step).map(inBranch);
    if (columns.length === 0) {
      return {width: WIDTH, height: HEIGHT};
    }
    return {
      width: Math.max(WIDTH, columns.reduce((sum, each) => sum + each.width, 0) + ACROSS * (columns.length - 1)),
      height: HEIGHT + 2 * DOWN + Math.max(...columns.map(each => each.height)),
    };
  }

  /** A column of steps around a middle; answers where it ends. */
  function draw(all, middle, top) {
    let y = top;
    all.forEach((step, i) => {
      if (i > 0) {
        lines.push(`M${middle} ${y - DOWN}V${y}`);
      }
      y = drawBlock(step, middle, y) + DOWN;
    });
    return all.length > 0 ? y - DOWN : top;
  }

  function drawBlock(step, middle, top) {
    boxes.push({x: middle - WIDTH / 2, y: top, step});
    const all = branches(step);
    if (all.length === 0) {
      return top + HEIGHT;
    }
    const sizes = all.map(inBranch);
    const taken = sizes.reduce((sum, each) => sum + each.width, 0) + ACROSS * (sizes.length - 1);
    const bottom = top + block(step).height;
    let x = middle - taken / 2;
    all.forEach((branch, i) => {
      const at = x + sizes[i].width / 2;
      const begins = top + HEIGHT + DOWN;
      lines.push(`M${middle} ${top + HEIGHT}V${top + HEIGHT + DOWN / 2}H${at}V${begins}`);
      const inner = branch.head ? [{...branch.head, children: []}, ...branch.steps] : branch.steps;
      const end = draw(inner, at, begins);
      if (!ends(inner)) {
        lines.push(`M${at} ${end}V${bottom - DOWN / 2}H${middle}V${bottom}`);
      }
      x += sizes[i].width + ACROSS;
    });
    return bottom;
  }
}

const cut = text => (text.length <= LETTERS ? text : `${text.slice(0, LETTERS - 1)}…`);

const tone = ({kind}) => ({from: 'begin', to: 'send', toD: 'send', choice: 'fork', doTry: 'fork', when: 'branch',
  otherwise: 'branch', doCatch: 'branch', doFinally: 'branch', onException: 'branch',
  onCompletion: 'branch', stop: 'end', throwException: 'end'}[kind] ?? 'plain');

const said = ({exchanges, failures}) => (exchanges === undefined ? ''
  : `${count(exchanges)}${failures ? ` · ${count(failures)} failed` : ''}`);

function box({x, y, step}) {
  return svg`<g class="step ${tone(step)} ${step.failures ? 'failing' : ''}" transform="translate(${x} ${y})">
    <title>${step.kind}${step.label ? `: ${step.label}` : ''}</title>
    <rect width=${WIDTH} height=${HEIGHT} rx="7"></rect>
    <text class="kind" x="12" y="19">${step.kind}</text>
    <text class="count" x=${WIDTH - 12} y="19" text-anchor="end">${said(step)}</text>
    <text class="label" x="12" y="38">${cut(step.label)}</text></g>`;
}

/** The picture. @param route with `from`, `exchanges`, `failures` and `steps` */
export function diagram(route) {
  const {from, exchanges, failures} = route;
  const {width, height, boxes, lines} = layout([
    {kind: 'from', label: addressOf(from), exchanges, failures, children: []}, ...route.steps]);
  return html`<svg role="img" aria-label="Diagram of ${route.id}; the same stands below as a list" width=${width}
    height=${height} viewBox="0 0 ${width} ${height}">
    ${lines.map(path => svg`<path d=${path}></path>`)}${boxes.map(box)}</svg>`;
}

/** The same in words. */
export const outline = steps => html`<ul class="outline">${steps.map(step => html`<li>${step.kind}
  ${step.label ? html`<code>${step.label}</code>` : nothing} <span class="hint">${said(step)}</span>
  ${step.children.length ? outline(step.children) : nothing}</li>`)}</ul>`;

// What is different between two texts, line by line.

/** Beyond so many lines a comparison costs more than it tells. */
const MOST = 1_000;

/**
 * The lines of both in order: `{kind, text}`, kind `same`, `gone` or `new`. Null when there are too many to compare.
 */
export function diff(before, after) {
  const a = before.split('\n');
  const b = after.split('\n');
  if (a.length > MOST || b.length > MOST) {
    return null;
  }
  // How many lines have in common what is left of both, from the end on (longest common subsequence).
  const common = Array.from({length: a.length + 1}, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({kind: 'same', text: a[i++]});
      j++;
    } else if (j === b.length || i < a.length && common[i + 1][j] >= common[i][j + 1]) {
      lines.push({kind: 'gone', text: a[i++]});
    } else {
      lines.push({kind: 'new', text: b[j++]});
    }
  }
  return lines;
}

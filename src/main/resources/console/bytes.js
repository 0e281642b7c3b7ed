// Bytes that somebody else made, as something that can be shown.

export const bytesOf = base64 => Uint8Array.from(atob(base64), character => character.charCodeAt(0));

/** `{text}` when they are text, else `{base64}`. */
export function textOrBase64(bytes) {
  try {
    return {text: new TextDecoder('utf-8', {fatal: true}).decode(bytes)};
  } catch {
    let binary = '';
    for (const byte of bytes) {
      binary += String.fromCharCode(byte);
    }
    return {base64: btoa(binary)};
  }
}

/** The first of them, sixteen a line: where they stand, each, and what is printable. */
export function hex(bytes, most) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const some = [...bytes.subarray(at, at + 16)];
    const pairs = some.map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    const text = some.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${pairs.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}

/** Deeper JSON is not made tidy: its indentation alone could fill the memory. */
const DEEPEST = 100;

/** The same JSON with one value a line; null when it is none. */
export function pretty(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && depth(text) <= DEEPEST ? JSON.stringify(value, null, 2) : null;
  } catch {
    return null;
  }
}

/** How deep objects and arrays stand in each other; `text` is JSON. */
function depth(text) {
  let now = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    now += token === '[' || token === '{' ? 1 : token === ']' || token === '}' ? -1 : 0;
    most = Math.max(most, now);
  }
  return most;
}

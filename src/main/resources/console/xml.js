// XML as a person reads it. It is only taken apart, never made into a document: it is somebody else's.

const MOST = 1_000_000;
const DEEPEST = 100;

/** One comment, CDATA section, instruction, document type, tag or text; nothing else is XML. */
const TOKEN = new RegExp([
  '<!--[^]*?-->', '<!\\[CDATA\\[[^]*?\\]\\]>', '<\\?[^]*?\\?>', '<!DOCTYPE[^<>\\[]*(?:\\[[^\\]]*\\]\\s*)?>',
  '</?[A-Za-z_:][^<>"\']*(?:(?:"[^"<]*"|\'[^\'<]*\')[^<>"\']*)*>', '[^<]+',
].join('|'), 'y');

/** The same XML with one element a line, as far as it has only elements in it; null when it is none that is whole. */
export function tidyXml(text) {
  if (text.length > MOST || !/^\s*<[?!A-Za-z_:]/.test(text)) {
    return null;
  }
  const lines = [];
  const open = [];
  let elements = 0;
  let begun = false; // whether the last line ends with what the next token may stand behind
  const line = token => lines.push('  '.repeat(open.length) + token);
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const token = TOKEN.exec(text)?.[0];
    if (!token) {
      return null;
    }
    const name = /^<\/?([^\s/>]+)/.exec(token)?.[1];
    if (token.startsWith('</')) {
      if (open.pop() !== name) {
        return null;
      }
      begun ? lines.push(lines.pop() + token) : line(token);
      begun = false;
    } else if (token.startsWith('<') && !/^<[!?]/.test(token)) {
      line(token);
      elements++;
      begun = !token.endsWith('/>');
      if (begun && open.push(name) > DEEPEST) {
        return null;
      }
    } else if (token.trim() !== '') {
      if (!token.startsWith('<') && open.length === 0) {
        return null;
      }
      begun ? lines.push(lines.pop() + token.trim()) : line(token.trim());
    }
  }
  return elements > 0 && open.length === 0 ? lines.join('\n') : null;
}

// Letters as a file, out and in again.
import {html} from 'lit';
import {address, json} from '../../api.js';
import {counted} from '../../format.js';
import {attempt, toast} from '../../parts/toasts.js';

/** What goes over at once: the server takes each part whole or not at all. */
const PART = 512 * 1024;

/** @param filter whose letters are exported @param then what to do when some were imported */
export function letterFiles({cursor, limit, ...filter}, total, then) {
  return html`
    ${file(filter, total, '', 'ndjson', 'Export', 'whole')}
    ${file(filter, total, 'csv', 'csv', 'CSV', 'as a table')}
    ${file(filter, total, 'curl', 'sh', 'curl', 'as a script that makes their calls anew')}
    <label class="button">Import…<input class="sr" type="file" accept=".ndjson,.jsonl,application/x-ndjson"
      aria-label="Import exported letters" @change=${event => imports(event.target, then)}></label>`;
}

const file = (filter, total, format, ending, word, how) => html`<a class="button" ?hidden=${!total} title=${how}
  href=${address('system/dead-letters/export', {...filter, format})} download="dead-letters.${ending}"
  >${word}<span class="sr"> ${counted(total ?? 0, 'letter')} ${how}</span></a>`;

async function imports(input, then) {
  const [file] = input.files;
  const done = {imported: 0, skipped: 0};
  await attempt(async () => {
    try {
      for await (const part of parts(file)) {
        const {imported, skipped} = await json('POST', 'system/dead-letters/import', {text: part});
        done.imported += imported;
        done.skipped += skipped;
      }
    } finally {
      if (done.imported + done.skipped > 0) {
        toast(`${counted(done.imported, 'letter')} imported`
          + (done.skipped ? `, ${done.skipped} stand already or their calls went on` : ''));
        then();
      }
    }
  });
  input.value = '';
}

/** Whole lines, as many as go together; a longer line goes alone. */
async function* parts(file) {
  let lines = '';
  let rest = '';
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const whole = (rest + read.value).split('\n');
    rest = whole.pop();
    for (const line of whole) {
      if (lines && lines.length + line.length > PART) {
        yield lines;
        lines = '';
      }
      lines += `${line}\n`;
    }
  }
  if ((lines + rest).trim()) {
    yield lines + rest;
  }
}

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
    <a class="button" ?hidden=${!total} href=${address('system/dead-letters/export', filter)} download="dead-letters.ndjson"
      >Export<span class="sr"> ${counted(total ?? 0, 'letter')}</span></a>
    <label class="button">Import…<input class="sr" type="file" accept=".ndjson,.jsonl,application/x-ndjson"
      aria-label="Import exported letters" @change=${event => imports(event.target, then)}></label>`;
}

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

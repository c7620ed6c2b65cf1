/*
 * The process that reads documents, one at a time. Nothing in it is worth stealing (no environment, no network, no files but
 * its own code), and its parent ends it when it takes too long or too much.
 */
import { Worker } from 'node:worker_threads';
import { DocumentParseError } from '../document-parse-error.js';
import { parseDocument } from '../formats/parse-document.js';
import { closeDoors } from './close-doors.js';
import type { FormatHint, FromChild, ToChild } from './messages.js';

// Large enough that there are few of them, small enough that neither side stops for long.
const TEXT_PIECE_CHARACTERS = 1024 * 1024;

let pieces: Uint8Array[] = [];

function send(message: FromChild): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function parse(format: FormatHint): Promise<void> {
  const bytes = Buffer.concat(pieces);
  pieces = [];
  try {
    const { text, ...rest } = await parseDocument(bytes, format);
    for (let from = 0; from < text.length; from += TEXT_PIECE_CHARACTERS) {
      await send({ type: 'text', text: text.slice(from, from + TEXT_PIECE_CHARACTERS) });
    }
    await send({ type: 'parsed', format: rest.format, title: rest.title, pages: rest.pages && [...rest.pages] });
  } catch (error) {
    await send({ type: 'failed', ...reasonOf(error) });
  }
}

function reasonOf(error: unknown): Pick<DocumentParseError, 'code' | 'message'> {
  if (error instanceof DocumentParseError) return { code: error.code, message: error.message };
  if (error instanceof RangeError) {
    return { code: 'document_too_complex', message: 'The document is nested too deeply to be read.' };
  }
  return { code: 'document_parse_failed', message: 'The document is damaged or not what it says it is.' };
}

function watch(): void {
  const [maxRssBytes = 0] = process.argv.slice(2).map(Number);
  // Run as TypeScript (tests) and compiled: the thread is a file of its own either way.
  const file = new URL(import.meta.url.endsWith('.ts') ? './watchdog.ts' : './watchdog.js', import.meta.url);
  new Worker(file, { execArgv: [], workerData: { maxRssBytes, parentId: process.ppid } }).unref();
}

closeDoors();
watch();
process.on('disconnect', () => process.exit());
// Who stops the server by its terminal stops the whole group; the parent decides what becomes of the document.
process.on('SIGINT', () => undefined);
process.on('message', (message: ToChild) => {
  if (message.type === 'piece') pieces.push(message.bytes);
  else parse(message.format).catch(() => process.exit(1));
});
await send({ type: 'ready' });

import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { DocumentParseError } from '../document-parse-error.js';

const MAX_ENTRIES = 5_000;
const MAX_TOTAL_BYTES = 300 * 1024 ** 2;
const MAX_XML_BYTES = 100 * 1024 ** 2;
// XML compresses well, but hardly ever a hundredfold when it is as large as this.
const RATIO_FROM_BYTES = 10 * 1024 ** 2;
const MAX_RATIO = 200;
const LOCAL_HEADER_BYTES = 30;
const DECLARATION = /<!(?:DOCTYPE|ENTITY)/i;
// So that a declaration that lies across two pieces is found.
const OVERLAP_CHARACTERS = 16;

/**
 * Refuses an archive that is not an honest one before anything unpacks it: too many or too large entries, sizes that lie,
 * entries on top of each other, twice the same name, names outside of the archive, and XML with declarations of its own.
 * Throws `document_parse_failed`.
 */
export async function checkZip(bytes: Buffer, requiredEntry: string): Promise<void> {
  const entries = await listEntries(bytes);
  checkSizes(entries);
  checkPlaces(entries);
  if (!entries.some(({ fileName }) => fileName === requiredEntry)) {
    throw refused('The archive is not a Word document.');
  }
  const zip = await openZip(bytes);
  for (const entry of entries.filter(({ fileName }) => /\.(?:xml|rels)$/i.test(fileName))) await checkXml(zip, entry);
}

function openZip(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true }, (error, zip) => {
      if (error) reject(refused('The archive is damaged.', error));
      else resolve(zip);
    });
  });
}

async function listEntries(bytes: Buffer): Promise<Entry[]> {
  const zip = await openZip(bytes);
  if (zip.entryCount > MAX_ENTRIES) throw refused(`The archive has more than ${String(MAX_ENTRIES)} entries.`);
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => {
      resolve(entries);
    });
    zip.on('error', (error: Error) => {
      reject(refused('The archive is damaged or names files outside of itself.', error));
    });
    zip.readEntry();
  });
}

function checkSizes(entries: readonly Entry[]): void {
  const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  const isBomb = entries.some(
    ({ uncompressedSize, compressedSize }) =>
      uncompressedSize > RATIO_FROM_BYTES && uncompressedSize > compressedSize * MAX_RATIO,
  );
  if (total > MAX_TOTAL_BYTES || isBomb) throw refused('The archive unpacks to far more than a document holds.');
  if (entries.some((entry) => entry.isEncrypted()))
    throw refused('The archive is encrypted. Send it without a password.');
}

function checkPlaces(entries: readonly Entry[]): void {
  if (new Set(entries.map(({ fileName }) => fileName.toLowerCase())).size < entries.length) {
    throw refused('The archive has two entries of the same name.');
  }
  const spans = entries
    .map(({ relativeOffsetOfLocalHeader: start, compressedSize }) => [
      start,
      start + LOCAL_HEADER_BYTES + compressedSize,
    ])
    .sort(([a = 0], [b = 0]) => a - b);
  const isOverlapping = spans.some(([start = 0], index) => index > 0 && start < (spans[index - 1]?.[1] ?? 0));
  if (isOverlapping) throw refused('The archive has entries that lie on top of each other.');
}

/** Unpacks an entry as far as it says it goes, and looks for what could make its reader expand or fetch something. */
function checkXml(zip: ZipFile, entry: Entry): Promise<void> {
  if (entry.uncompressedSize > MAX_XML_BYTES) {
    throw refused(`A part of the document has more than ${String(MAX_XML_BYTES)} bytes.`);
  }
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(
        error instanceof DocumentParseError ? error : refused('The archive is damaged or lies about its sizes.', error),
      );
    };
    zip.openReadStream(entry, (error, stream) => {
      if (error) {
        fail(error);
        return;
      }
      let tail = '';
      stream.on('error', fail).on('end', resolve);
      stream.on('data', (chunk: Buffer) => {
        const text = tail + chunk.toString('latin1').replaceAll('\0', '');
        if (DECLARATION.test(text)) stream.destroy(refused('The document declares XML entities of its own.'));
        tail = text.slice(-OVERLAP_CHARACTERS);
      });
    });
  });
}

function refused(message: string, cause?: unknown): DocumentParseError {
  return new DocumentParseError('document_parse_failed', message, { cause });
}

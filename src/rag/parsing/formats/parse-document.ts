import type { FormatHint } from '../child/messages.js';
import { DocumentParseError } from '../document-parse-error.js';
import type { ParsedDocument } from '../parsed-document.js';
import { decodeText } from './decode-text.js';
import { readJsonIfValid } from './read-json.js';
import { readText } from './read-text.js';

type Reader = (bytes: Buffer) => ParsedDocument | Promise<ParsedDocument>;

// Each is loaded when its first document comes: most processes see one or two formats.
const READERS: Readonly<Record<FormatHint, () => Promise<Reader>>> = {
  text: () => Promise.resolve(readText),
  auto: () => Promise.resolve(readAny),
  markdown: async () => (await import('./read-text.js')).readMarkdown,
  html: async () => (await import('./read-html.js')).readHtml,
  pdf: async () => (await import('./read-pdf.js')).readPdf,
  docx: async () => (await import('./read-docx.js')).readDocx,
  csv: async () => (await import('./read-csv.js')).readCsv,
  json: async () => (await import('./read-json.js')).readJson,
};

const NOTHING: Readonly<Partial<Record<FormatHint, string>>> = {
  pdf: 'The PDF holds no text, only pictures: recognise its text (OCR) and send it again.',
};

/** Reads a whole file. Throws DocumentParseError when the file is the reason that it cannot be read. */
export async function parseDocument(bytes: Buffer, format: FormatHint): Promise<ParsedDocument> {
  const read = await READERS[format]();
  const document = await read(bytes);
  if (document.text.trim() !== '') return document;
  throw new DocumentParseError('no_text_extracted', NOTHING[format] ?? 'The document holds no text.');
}

function readAny(bytes: Buffer): ParsedDocument {
  return readJsonIfValid(decodeText(bytes)) ?? readText(bytes);
}

import { fileTypeFromBuffer } from 'file-type';
import { AppError } from '../../core/errors/app-error.js';
import type { FormatHint } from '../parsing/child/messages.js';
import { endsAsArchive, isPlain, leadingBlanks, looksLikeHtml, looksLikeText } from './sniff.js';

const BY_ENDING: Readonly<Record<string, FormatHint>> = {
  pdf: 'pdf',
  docx: 'docx',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  md: 'markdown',
  markdown: 'markdown',
  txt: 'text',
  text: 'text',
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
};

const BY_MEDIA_TYPE: Readonly<Record<string, FormatHint>> = {
  'text/markdown': 'markdown',
  'text/html': 'html',
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/json': 'json',
  'application/jsonl': 'json',
  'application/x-ndjson': 'json',
};

const LABELS: Readonly<Record<FormatHint, string>> = {
  pdf: 'a PDF',
  docx: 'a Word document',
  html: 'HTML',
  markdown: 'Markdown',
  text: 'text',
  csv: 'CSV',
  json: 'JSON',
  auto: 'text',
};

// How far into a file its readers look for the beginning of a PDF.
const PDF_HEAD_BYTES = 1_024;
const ZIP_HEAD = Buffer.from([0x50, 0x4b, 0x03, 0x04]);
// File types are told apart by no more than this; the whole head would only cost time.
const TYPE_HEAD_BYTES = 64 * 1024;
const TAKEN = 'Text, Markdown, HTML, PDF, Word (.docx), CSV and JSON are read.';

/**
 * What a file is to be read as, by its first bytes; only among formats of text, which no byte tells apart, by its name and
 * media type. Throws `unsupported_file_type` for anything that is not read, and for a name that says something else.
 */
export async function detectFormat(head: Buffer, name: string, mediaType: string): Promise<FormatHint> {
  const ending = (/\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1] ?? '').toLowerCase();
  const named = Object.hasOwn(BY_ENDING, ending) ? BY_ENDING[ending] : undefined;
  const actual = await formatOf(head, named, mediaType);
  const isLie = named !== undefined && named !== actual && actual !== 'auto';
  if (isLie || (actual === 'auto' && (named === 'pdf' || named === 'docx'))) {
    throw unsupported(`is ${LABELS[actual]} and not what its name says. Name it as what it is.`);
  }
  return actual;
}

/** Refuses a file whose end makes it an archive too, whatever its beginning is. */
export function checkEnd(tail: Buffer, format: FormatHint): void {
  if (format !== 'docx' && endsAsArchive(tail)) {
    throw unsupported(`is ${LABELS[format]} and an archive at once. Send them one by one.`);
  }
}

async function formatOf(head: Buffer, named: FormatHint | undefined, mediaType: string): Promise<FormatHint> {
  const beginning = head.subarray(0, PDF_HEAD_BYTES);
  const pdfAt = beginning.indexOf('%PDF-');
  const isHtml = looksLikeHtml(beginning);
  if (pdfAt === leadingBlanks(head) && !isHtml) return 'pdf';
  if (head.subarray(0, ZIP_HEAD.length).equals(ZIP_HEAD) && pdfAt === -1) return archiveFormat(head, named);
  const isText = looksLikeText(head) && (isPlain(head) || (await typeOf(head)) === null);
  if (pdfAt !== -1 && (isHtml || !isText))
    throw unsupported('is a PDF and something else at once. Send the PDF alone.');
  if (isText) return textFormat(head, named, mediaType, isHtml);
  throw unsupported(`is ${(await typeOf(head)) ?? 'of a kind that is not known'}. ${TAKEN}`);
}

async function archiveFormat(head: Buffer, named: FormatHint | undefined): Promise<FormatHint> {
  const type = await fileTypeFromBuffer(head.subarray(0, TYPE_HEAD_BYTES)).catch(() => undefined);
  if (type?.ext === 'docx') return 'docx';
  // An archive that does not tell at its beginning; whether it is a document shows when it is read.
  if (named === 'docx' && (type === undefined || type.ext === 'zip')) return 'docx';
  throw unsupported(`is ${type ? `a file of the type ${type.mime}` : 'an archive'}. ${TAKEN}`);
}

function textFormat(head: Buffer, named: FormatHint | undefined, mediaType: string, isHtml: boolean): FormatHint {
  if (named === 'html' || named === 'markdown') return named;
  if (isHtml) return 'html';
  if (named !== undefined && named !== 'pdf' && named !== 'docx') return named;
  const coded = ['{\\rtf', '%!PS'].some((mark) => head.subarray(0, mark.length).equals(Buffer.from(mark)));
  if (coded) throw unsupported(`is not made to be read as text. ${TAKEN}`);
  const said = mediaType.toLowerCase();
  return named === undefined && Object.hasOwn(BY_MEDIA_TYPE, said) ? (BY_MEDIA_TYPE[said] ?? 'auto') : 'auto';
}

async function typeOf(head: Buffer): Promise<string | null> {
  const type = await fileTypeFromBuffer(head.subarray(0, TYPE_HEAD_BYTES)).catch(() => undefined);
  return type && !type.mime.startsWith('text/') ? `a file of the type ${type.mime}` : null;
}

function unsupported(problem: string): AppError {
  return new AppError('unsupported_file_type', `The file ${problem}`, { param: 'file' });
}

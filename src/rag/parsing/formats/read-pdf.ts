import { getDocumentProxy } from 'unpdf';
import { DocumentParseError } from '../document-parse-error.js';
import type { PageSpan, ParsedDocument } from '../parsed-document.js';
import { toTitle } from './markdown-title.js';
import { joinTextItems } from './pdf-lines.js';
import { TextBuilder } from './text-builder.js';

const MAX_PAGES = 5_000;
const PAGE_SEPARATOR = '\n\n';
// Readers look for the trailer at the end; a little rubbish behind it is common.
const TRAILER_BYTES = 64 * 1024;

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;
// pdf.js' own word for: say nothing but errors.
const ERRORS_ONLY = 0;

/** The text of a PDF, page by page. Nothing in it is run, drawn or fetched. Throws `document_parse_failed`. */
export async function readPdf(bytes: Buffer): Promise<ParsedDocument> {
  if (!bytes.subarray(-TRAILER_BYTES).includes('%%EOF')) throw failed('The PDF ends too early: it was cut off.');
  const document = await open(bytes);
  try {
    if (document.numPages > MAX_PAGES) {
      throw failed(`The PDF has ${String(document.numPages)} pages; at most ${String(MAX_PAGES)} are read. Split it.`);
    }
    const text = new TextBuilder();
    const pages: PageSpan[] = [];
    for (let number = 1; number <= document.numPages; number += 1) pages.push(await addPage(document, number, text));
    return { text: text.toString(), format: 'pdf', title: await titleOf(document), pages };
  } finally {
    await document.loadingTask.destroy();
  }
}

async function open(bytes: Buffer): Promise<PdfDocument> {
  try {
    return await getDocumentProxy(new Uint8Array(bytes), {
      disableFontFace: true,
      useSystemFonts: false,
      useWorkerFetch: false,
      enableXfa: false,
      disableAutoFetch: true,
      disableStream: true,
      stopAtErrors: false,
      verbosity: ERRORS_ONLY,
    });
  } catch (error) {
    const isLocked = error instanceof Error && error.name === 'PasswordException';
    throw failed(
      isLocked ? 'The PDF is encrypted. Remove its password and send it again.' : 'The PDF is damaged.',
      error,
    );
  }
}

async function addPage(document: PdfDocument, number: number, text: TextBuilder): Promise<PageSpan> {
  let content: string;
  try {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    page.cleanup();
    content = joinTextItems(items);
  } catch (error) {
    throw failed(`Page ${String(number)} of the PDF is damaged.`, error);
  }
  // The separator counts as nobody's text, and only stands between texts.
  if (content !== '' && text.length > 0) text.append(PAGE_SEPARATOR);
  const start = text.length;
  text.append(content);
  return { start, end: text.length };
}

async function titleOf(document: PdfDocument): Promise<string | null> {
  const metadata = await document.getMetadata().catch(() => null);
  const { Title: title } = (metadata?.info ?? {}) as { Title?: unknown };
  return typeof title === 'string' ? toTitle(title.replaceAll('\0', '')) : null;
}

function failed(message: string, cause?: unknown): DocumentParseError {
  return new DocumentParseError('document_parse_failed', message, { cause });
}

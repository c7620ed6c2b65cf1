import type { DocumentFormat, PageSpan } from '../parsed-document.js';
import type { DocumentParseCode } from '../document-parse-error.js';

/** What a file is to be read as; `auto` is text of a kind that only the whole of it shows. */
export type FormatHint = DocumentFormat | 'auto';

/** Sent to the child: the file in pieces, then what to do with them. */
export type ToChild = { type: 'piece'; bytes: Uint8Array } | { type: 'parse'; format: FormatHint };

/** Sent by the child: once that it is there, then for each file its text in pieces and the rest, or why there is none. */
export type FromChild =
  | { type: 'ready' }
  | { type: 'text'; text: string }
  | { type: 'parsed'; format: DocumentFormat; title: string | null; pages: PageSpan[] | null }
  | { type: 'failed'; code: DocumentParseCode; message: string };

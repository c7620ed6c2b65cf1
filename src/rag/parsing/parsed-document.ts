/** What a file can be read as. */
export const DOCUMENT_FORMATS = ['text', 'markdown', 'html', 'pdf', 'docx', 'csv', 'json'] as const;

/** One of the formats that files are read as; JSON lines are `json`. */
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** Where a page lies in the extracted text, as UTF-16 offsets, half-open. */
export interface PageSpan {
  start: number;
  end: number;
}

/** What a file says: the text that is stored and that all offsets point into, without NUL and halves of surrogate pairs. */
export interface ParsedDocument {
  text: string;
  format: DocumentFormat;
  /** The title that the document gives itself; null when it has none. */
  title: string | null;
  /** One span for each page, in order and without overlap; null for formats without pages. */
  pages: readonly PageSpan[] | null;
}

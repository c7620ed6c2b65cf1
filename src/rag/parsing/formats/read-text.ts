import type { ParsedDocument } from '../parsed-document.js';
import { decodeText } from './decode-text.js';
import { markdownTitle } from './markdown-title.js';
import { TextBuilder } from './text-builder.js';

/** The text itself, as it is written. */
export function readText(bytes: Buffer): ParsedDocument {
  return { text: textOf(bytes), format: 'text', title: null, pages: null };
}

/** Markdown as it is written, with the title that it gives itself. */
export function readMarkdown(bytes: Buffer): ParsedDocument {
  const text = textOf(bytes);
  return { text, format: 'markdown', title: markdownTitle(text), pages: null };
}

function textOf(bytes: Buffer): string {
  const builder = new TextBuilder();
  builder.append(decodeText(bytes));
  return builder.toString();
}

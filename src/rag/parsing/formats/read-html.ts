import { Parser } from 'htmlparser2';
import type { ParsedDocument } from '../parsed-document.js';
import { decodeText } from './decode-text.js';
import { HtmlText } from './html-text.js';
import { TextBuilder } from './text-builder.js';

// Where a page says its encoding.
const PROLOGUE_BYTES = 1024;

/** The readable text of a page in Markdown's form. */
export function readHtml(bytes: Buffer): ParsedDocument {
  return { ...renderHtml(decodeText(bytes, declaredEncoding(bytes))), format: 'html', pages: null };
}

/** Text and title of a page in Markdown's form, without navigation and footer unless there is nothing else. */
export function renderHtml(html: string): { text: string; title: string | null } {
  const content = render(html, false);
  return content.text.trim() === '' ? render(html, true) : content;
}

function render(html: string, isWhole: boolean): { text: string; title: string | null } {
  const text = new TextBuilder();
  const handler = new HtmlText(text, isWhole);
  const parser = new Parser(handler);
  parser.write(html);
  parser.end();
  return { text: text.toString(), title: handler.title };
}

function declaredEncoding(bytes: Buffer): string | null {
  const prologue = bytes.toString('latin1', 0, PROLOGUE_BYTES);
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)/i.exec(prologue)?.[1] ?? null;
}

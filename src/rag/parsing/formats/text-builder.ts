import { DocumentParseError } from '../document-parse-error.js';
import { cleanText, stripByteOrderMarks } from './clean-text.js';

/** A document may say this much: far beyond any book, and what a process can hold beside its file. */
export const MAX_TEXT_CHARACTERS = 50 * 1024 ** 2;

/** Collects extracted text, cleaned, so that `length` is an offset into what will be stored. Throws `document_too_complex`. */
export class TextBuilder {
  readonly #parts: string[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A part that begins and ends with whole characters. */
  append(part: string): void {
    const cleaned = cleanText(part);
    const clean = this.#length === 0 ? stripByteOrderMarks(cleaned) : cleaned;
    if (clean === '') return;
    this.#length += clean.length;
    if (this.#length > MAX_TEXT_CHARACTERS) {
      const message = `The document holds more than ${String(MAX_TEXT_CHARACTERS)} characters of text. Split it.`;
      throw new DocumentParseError('document_too_complex', message);
    }
    this.#parts.push(clean);
  }

  toString(): string {
    return this.#parts.join('');
  }
}

import type { TextBuilder } from './text-builder.js';

/** Where block text goes: the document itself, or a cell that is put together first. */
export type TextTarget = Pick<TextBuilder, 'append' | 'length'>;

/**
 * Writes running text in blocks with a blank line between them: white space collapses as a browser would do it, and there
 * is none at the beginning or the end of a line.
 */
export class BlockWriter {
  readonly #target: TextTarget;
  /** Line breaks that come before the next text, if any comes. */
  #breaks = 0;
  #hasSpace = false;
  #isAtLineStart = true;
  #prefix = '';

  constructor(target: TextTarget) {
    this.#target = target;
  }

  /** Running text of any layout. */
  text(data: string): void {
    const collapsed = data.replace(/[\s\u00a0]+/g, ' ');
    if (collapsed === '') return;
    const trimmed = collapsed.trim();
    if (collapsed.startsWith(' ')) this.#hasSpace = true;
    if (trimmed === '') return;
    this.#begin();
    if (this.#hasSpace && !this.#isAtLineStart) this.#target.append(' ');
    this.#target.append(trimmed);
    this.#hasSpace = collapsed.endsWith(' ');
    this.#isAtLineStart = false;
  }

  /** Text as it stands, with its lines and blanks. */
  verbatim(data: string): void {
    if (data === '') return;
    this.#begin();
    this.#target.append(data);
    this.#hasSpace = false;
    this.#isAtLineStart = data.endsWith('\n');
  }

  /** What comes next begins a line, with a blank one before it when `count` is 2. */
  break(count: 1 | 2): void {
    this.#breaks = Math.max(this.#breaks, count);
    this.#hasSpace = false;
  }

  /** Put before the next text, and dropped when a block ends before any comes. */
  prefix(mark: string): void {
    this.#prefix = mark;
  }

  /** Forgets a prefix that nothing followed. */
  endPrefix(): void {
    this.#prefix = '';
  }

  #begin(): void {
    if (this.#breaks > 0) {
      if (this.#target.length > 0) this.#target.append('\n'.repeat(this.#breaks));
      this.#breaks = 0;
      this.#isAtLineStart = true;
    }
    if (this.#prefix === '') return;
    this.#target.append(this.#prefix);
    this.#prefix = '';
    this.#isAtLineStart = true;
    this.#hasSpace = false;
  }
}

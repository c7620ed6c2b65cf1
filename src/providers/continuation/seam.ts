/** Finds a repetition at the beginning of a text: its length, or null while more text is needed to know. */
export interface RepetitionFinder {
  lengthIn(text: string): number | null;
}

/**
 * Where the text of a continuing answer meets what was sent: takes its texts, and gives what is new of them. What may still
 * turn out to be a repetition, or white space that is there already, is held back.
 */
export class Seam {
  readonly #sentSpace: string;
  #repetition: RepetitionFinder | null;
  #isOpen: boolean;
  #held = '';

  /** `sentSpace` is the white space at the end of what was sent; `repetition` is null where none is to be expected. */
  constructor(sentSpace: string, repetition: RepetitionFinder | null) {
    this.#sentSpace = sentSpace;
    this.#repetition = repetition;
    this.#isOpen = sentSpace !== '' || repetition !== null;
  }

  /** The new text, as far as it is certain. */
  push(text: string): string {
    if (!this.#isOpen) return text;
    this.#held += text;
    const repeated = this.#repetition ? this.#repetition.lengthIn(this.#held) : 0;
    if (repeated === null) return '';
    this.#repetition = null;
    this.#held = this.#held.slice(repeated);
    if (this.#sentSpace !== '' && this.#held.trimStart() === '') return '';
    return this.end();
  }

  /** Nothing more of this text comes: what was held back is new after all. */
  end(): string {
    const text = joinSpace(this.#sentSpace, this.#isOpen ? this.#held : '');
    this.#isOpen = false;
    this.#held = '';
    return text;
  }
}

// White space that both sides of the seam have stands there once.
function joinSpace(sent: string, text: string): string {
  if (sent === '') return text;
  const space = text.slice(0, text.length - text.trimStart().length);
  if (space === '') return text;
  if (space.startsWith(sent)) return text.slice(sent.length);
  return sent.startsWith(space) || !space.includes('\n') ? text.slice(space.length) : text;
}

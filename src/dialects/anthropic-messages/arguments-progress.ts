const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether the arguments of a tool call are whole, told as they grow and by each piece alone: parsing all that is there at
 * each piece would take the square of their length. Whole is what has closed its outermost bracket.
 */
export class ArgumentsProgress {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  add(piece: string): void {
    for (let index = 0; index < piece.length && !this.#isOver; index++) {
      const code = piece.charCodeAt(index);
      if (this.#isInString) this.#addToString(code);
      else this.#addToStructure(code);
    }
  }

  #addToString(code: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === BACKSLASH) this.#isEscaped = true;
    else if (code === QUOTE) this.#isInString = false;
  }

  #addToStructure(code: number): void {
    switch (code) {
      case QUOTE:
        this.#isInString = true;
        return;
      case 0x5b:
      case 0x7b:
        this.#depth += 1;
        return;
      case 0x5d:
      case 0x7d:
        this.#depth -= 1;
        this.#isOver = this.#depth <= 0;
        return;
      default:
    }
  }
}

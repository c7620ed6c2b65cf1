const MIN_CONTEXT = 16;
const CONTEXT = 32;

/** Tells which `[n]` of an answer belong to the words of a source that it quotes, and are no markers of ours. */
export class QuotedMarkers {
  readonly #sources: readonly string[];
  readonly #squeezed = new Map<number, string>();

  constructor(sources: readonly string[]) {
    this.#sources = sources;
  }

  /**
   * Whether a source that `numbers` do not name has the marker right behind the words that stand before it. `before` is the
   * end of the answer so far, white space in front of the marker included.
   */
  isQuoted(before: string, marker: string, numbers: readonly number[]): boolean {
    const context = squeeze(before.slice(-CONTEXT * 2)).slice(-CONTEXT);
    if (context.trim().length < MIN_CONTEXT) return false;
    const needle = context + squeeze(marker);
    return this.#sources.some((text, index) => {
      if (numbers.includes(index + 1) || !text.includes(marker)) return false;
      return this.#squeeze(index, text).includes(needle);
    });
  }

  #squeeze(index: number, text: string): string {
    const known = this.#squeezed.get(index) ?? squeeze(text);
    this.#squeezed.set(index, known);
    return known;
  }
}

function squeeze(text: string): string {
  return text.replace(/\s+/gu, ' ');
}

/** Shorter repetitions may be what the answer goes on with. */
const SHORTEST_PHRASE = 24;
const LONGEST_PHRASE = 400;
const SHORTEST_WHOLE = 3;
const WORD_BEGINNING = /(?<![\p{L}\p{N}])(?=[\p{L}\p{N}])/gu;
const LAST_WORD = /[\p{L}\p{N}]{2,}$/u;
const LETTER = /^[\p{L}\p{N}]/u;

/**
 * Finds what a model says again: gives the length of it at the beginning of a text, 0 when there is none, and null while
 * more text is needed to know.
 */
export class Repetition {
  readonly #phrases: readonly string[];
  readonly #cutWord: string;

  private constructor(phrases: readonly string[], cutWord: string) {
    this.#phrases = phrases;
    this.#cutWord = cutWord;
  }

  /** What a model repeats that was told to go on: all of `sent`, a phrase at its end, or the word that was cut in two. */
  static ofTold(sent: string, endsInWord: boolean): Repetition {
    return new Repetition(phrasesOf(sent), endsInWord ? (LAST_WORD.exec(sent)?.[0] ?? '') : '');
  }

  /** What a server repeats that takes the beginning of an answer for one that is over: all of it. */
  static ofPrefilled(sent: string): Repetition | null {
    return sent.length < SHORTEST_PHRASE ? null : new Repetition([sent], '');
  }

  lengthIn(text: string): number | null {
    const said = text.trimStart();
    const indent = text.length - said.length;
    if (said === '') return this.#phrases.length > 0 ? null : 0;
    let isOpen = false;
    for (const phrase of this.#phrases) {
      // A short answer that says its only word again is more likely to go on so than to begin anew.
      if (indent > 0 && phrase.length < SHORTEST_PHRASE) continue;
      if (!isOpen && said.startsWith(phrase)) return indent + phrase.length;
      if (phrase.startsWith(said)) isOpen = true;
    }
    if (isOpen) return null;
    return this.#cutWordIn(text);
  }

  #cutWordIn(text: string): number | null {
    const word = this.#cutWord;
    if (word === '') return 0;
    if (text.length <= word.length) return word.startsWith(text) ? null : 0;
    return text.startsWith(word) && LETTER.test(text.slice(word.length)) ? word.length : 0;
  }
}

// The longest first. What the answer says several times it may say once more.
function phrasesOf(sent: string): string[] {
  const phrases = sent.length >= SHORTEST_WHOLE ? [sent] : [];
  const tailAt = Math.max(1, sent.length - LONGEST_PHRASE);
  for (const { index } of sent.slice(tailAt).matchAll(WORD_BEGINNING)) {
    const phrase = sent.slice(tailAt + index);
    if (phrase.length < SHORTEST_PHRASE) break;
    if (sent.indexOf(phrase) === tailAt + index) phrases.push(phrase);
  }
  return phrases;
}

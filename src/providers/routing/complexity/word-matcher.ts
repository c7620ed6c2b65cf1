/** Words as a language writes them. */
export interface Words {
  /** Of languages with spaces between words: whole words and phrases, or beginnings of words that end in `*`. */
  readonly spaced: readonly string[];
  /** Of languages without: found anywhere. */
  readonly unspaced: readonly string[];
}

const SYNTAX = /[\\^$.*+?()[\]{}|]/g;

/** An expression that finds any of the words, in whatever case. */
export function matcherOf({ spaced, unspaced }: Words): RegExp {
  const whole = String.raw`(?<![\p{L}\p{M}\p{N}_])(?:${spaced.map(toPattern).join('|')})(?![\p{L}\p{M}\p{N}_])`;
  return new RegExp(`${whole}|${unspaced.map(escape).join('|')}`, 'iu');
}

function toPattern(word: string): string {
  const isBeginning = word.endsWith('*');
  const letters = escape(isBeginning ? word.slice(0, -1) : word).replaceAll(' ', String.raw`\s+`);
  return isBeginning ? String.raw`${letters}[\p{L}\p{M}]*` : letters;
}

function escape(word: string): string {
  return word.replace(SYNTAX, String.raw`\$&`);
}

import { splitWords } from '../../core/text/split-words.js';

/** What a statement claims, as far as words show it. */
export interface StatementFacts {
  /** Words that mean something, cut to what endings leave alone. */
  terms: ReadonlySet<string>;
  /** All words, short ones and all, cut like terms. */
  words: ReadonlySet<string>;
  /** Numbers in one spelling: `11000` for `11,000`, `3.5` for `3,5`. */
  numbers: ReadonlySet<string>;
  /** Names in the middle of sentences, cut like terms. */
  names: ReadonlySet<string>;
  /** Terms right behind a word like "not". */
  denied: ReadonlySet<string>;
}

const STEM_LENGTH = 5;
const NUMBER = /\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?/gu;
const NUMBER_WORDS = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, n) => [word, String(n)]),
);
const NAME = /(?<=[\p{Ll}\p{N},;]\s)\p{Lu}[\p{L}\p{M}\p{N}]+/gu;
const LIST_MARK = /^\s{0,20}(?:[-*+\u2022]|\d{1,3}[.)])\s{1,20}/u;
const NEGATIONS = new Set(
  (
    'not never cannot without neither nor isn aren wasn weren doesn don didn won wouldn hasn haven hadn couldn shouldn nicht nie niemals ' +
    'kein keine keinen keinem keiner ohne nunca jam\u00e1s sin tampoco pas jamais sans aucun aucune n\u00e3o nem sem non mai senza \u043d\u0435 \u043d\u0435\u0442 \u0431\u0435\u0437'
  ).split(' '),
);
// "Not only" denies nothing.
const SOFTENERS = new Set([
  'only',
  'just',
  'merely',
  'nur',
  's\u00f3lo',
  'solo',
  'seulement',
  'apenas',
  's\u00f3',
  '\u0442\u043e\u043b\u044c\u043a\u043e',
]);

/** Reads what a text claims; the same reading serves sources and the sentences in them. */
export function readFacts(text: string): StatementFacts {
  const statement = text.replace(LIST_MARK, '');
  const words = splitWords(statement);
  return {
    terms: new Set(words.filter(isContent).map(toTerm)),
    words: new Set(words.map(toTerm)),
    numbers: readNumbers(statement, words),
    names: new Set(Array.from(statement.matchAll(NAME), ([name]) => toTerm(name.normalize('NFKC').toLowerCase()))),
    denied: readDenied(words),
  };
}

// Short words of the Latin script say little.
function isContent(word: string): boolean {
  return !/\d/u.test(word) && !/^[\p{Script=Latin}\p{M}]{1,3}$/u.test(word) && !NEGATIONS.has(word);
}

function toTerm(word: string): string {
  return word.length > STEM_LENGTH ? word.slice(0, STEM_LENGTH) : word.replace(/(?<=\p{L}{3})s$/u, '');
}

function readNumbers(text: string, words: readonly string[]): Set<string> {
  const numbers = new Set<string>();
  for (const [number] of text.normalize('NFKC').matchAll(NUMBER)) numbers.add(toPlainNumber(number));
  for (const word of words) {
    const digits = NUMBER_WORDS.get(word);
    if (digits !== undefined) numbers.add(digits);
  }
  return numbers;
}

function toPlainNumber(number: string): string {
  const grouped = /^\d{1,3}(?:[.,'\u2019 \u00a0\u202f]\d{3})+/u.exec(number)?.[0] ?? '';
  const rest = number.slice(grouped.length).replace(',', '.');
  const plain = grouped.replace(/\D/gu, '') + rest;
  return plain.replace(/^0+(?=\d)/u, '');
}

function readDenied(words: readonly string[]): Set<string> {
  const denied = new Set<string>();
  words.forEach((word, index) => {
    const next = words[index + 1];
    if (!NEGATIONS.has(word) || next === undefined || SOFTENERS.has(next)) return;
    const subject = words.slice(index + 1, index + 4).find(isContent);
    if (subject !== undefined) denied.add(toTerm(subject));
  });
  return denied;
}

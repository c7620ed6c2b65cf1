import { toCommonForm, toEnglishWording, writeOut } from './english-wording.js';
import { isEnglish } from './is-english.js';
import { kindsOfQuestion } from './question-words.js';
import { splitTokens, type Token } from './split-tokens.js';
import { verbatimOf } from './verbatim-of.js';
import { AMOUNTS, DIRECTIONS, NEGATIONS, PERSONS, TIMES, unitOf } from './word-tables.js';

/** What of a question decides whether the answer to another one would be its answer, too. */
export interface Question {
  /** Numbers with units, dates, negations, directions, quotations: one text, equal where they agree. */
  readonly facts: string;
  /** Which kind of answer it asks for: `when`, `how-long`; sorted, and empty where it asks what something is. */
  readonly asked: readonly string[];
  /** Tense, mood and number of its verbs, sorted; only known of English. */
  readonly moods: readonly string[];
  /** What it says, in order, without what means nothing. */
  readonly words: readonly string[];
  /** Those of them that are written as names. */
  readonly names: ReadonlySet<string>;
  /** Short names by their words, as they are written: a megabit is no megabyte. */
  readonly spellings: ReadonlyMap<string, string>;
  /** Whether capital letters tell names from other words: some write all in small letters, or all in capitals. */
  readonly hasCapitals: boolean;
  readonly isEnglish: boolean;
}

/** Negations that stand inside of words, where no spaces do. */
const UNSPACED_NEGATIONS =
  /[\u4e0d\u6ca1\u6c92\u65e0\u7121\u975e\u672a]|\u522b(?!\u7684)|\u306a\u3044|\u306a\u304b|\u307e\u305b\u3093|\u0e44\u0e21\u0e48|\uc54a|\ubabb|\uc5c6|\uc544\ub2c8/gu;
const UNSPACED_NUMBERS =
  /[\u3007\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e\u5343\u4e07\u842c\u5104\u4ebf]+/gu;
// Longer names are the same in any case.
const LONGEST_SPELLING = 4;
// Who begins with a small letter has no capitals for names either.
const CAREFUL = /^[^\p{L}]*\p{Lu}/u;
const INCLUDES_LETTERS = /\p{L}/u;

/** Reads a question; the same text always gives the same. Takes time in proportion to the text. */
export function readQuestion(text: string): Question {
  const written = splitTokens(writeOut(text.replace(/[\u2018\u2019\u02bc]/gu, "'")));
  const english = isEnglish(written.map((token) => token.text));
  const verbatim = verbatimOf(text, written);
  const tokens = english && verbatim === null ? written : splitTokens(text);
  const spoken = tokens.flatMap(wordsOf);
  const wording = english && verbatim === null ? toEnglishWording(tokens) : { words: spoken, moods: [] };
  const facts = {
    language: english ? 'en' : '',
    verbatim: verbatim === 'text' ? text.trim() : verbatim && spoken,
    numbers: [...tokens.flatMap(amountsOf), ...(text.match(UNSPACED_NUMBERS) ?? [])],
    literals: tokens.filter(({ kind }) => kind === 'literal').map((token) => token.text),
    negations: countNegations(spoken, text),
    directions: wording.words.flatMap((word) => DIRECTIONS.get(word) ?? []),
    persons: personsOf(wording.words),
    isYesOrNo: wording.moods.includes('yes-or-no'),
    isOfObject: wording.moods.includes('object'),
  };
  const hasCapitals = CAREFUL.test(text) && /\p{Ll}/u.test(text);
  const names = hasCapitals ? namesOf(tokens).map((name) => (english ? toCommonForm(name) : name)) : [];
  return {
    facts: JSON.stringify(facts),
    asked: kindsOfQuestion(wording.words, english),
    moods: wording.moods,
    words: wording.words,
    names: new Set(names),
    spellings: hasCapitals ? spellingsOf(tokens) : new Map(),
    hasCapitals,
    isEnglish: english,
  };
}

/** Who is spoken of, in the order that they come in; of somebody who only asks for himself nothing. */
function personsOf(words: readonly string[]): string[] {
  const persons = [...new Set(words.flatMap((word) => PERSONS.get(word) ?? []))];
  return persons.length === 1 && persons[0] === 'i' ? [] : persons;
}

function wordsOf({ kind, text }: Token): string[] {
  if (kind === 'comma' || kind === 'stop') return [];
  return kind === 'word'
    ? text
        .replace(/'s$/u, '')
        .split("'")
        .filter((part) => part !== '')
    : [text];
}

/** Numbers with the units behind them, words for amounts, months, days and other times. */
function amountsOf(token: Token, index: number, tokens: readonly Token[]): string[] {
  if (token.kind === 'number') return [token.text];
  if (token.kind !== 'word') return [];
  const word = token.text.replace(/'s$/u, '');
  const unit = unitOf(word);
  if (unit !== null && tokens[index - 1]?.kind === 'number') return [unit];
  const time = TIMES.get(word);
  if (time !== undefined) return [time];
  return AMOUNTS.has(word) ? [word] : [];
}

function countNegations(spoken: readonly string[], text: string): number {
  const inside = text.match(UNSPACED_NEGATIONS)?.length ?? 0;
  return inside > 0 ? inside : spoken.filter((word) => NEGATIONS.has(word)).length;
}

function namesOf(tokens: readonly Token[]): string[] {
  return tokens.filter(({ isName, text }) => isName && INCLUDES_LETTERS.test(text)).flatMap(wordsOf);
}

function spellingsOf(tokens: readonly Token[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { text, written } of tokens) {
    if (written !== undefined && written.length <= LONGEST_SPELLING)
      found.set(text, `${found.get(text) ?? ''} ${written}`);
  }
  return found;
}

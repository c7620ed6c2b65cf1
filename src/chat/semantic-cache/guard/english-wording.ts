import type { Token } from './split-tokens.js';
import { unitOf } from './word-tables.js';
import { EMPTY_WORDS, FRAMES, PHRASES, PLURALS, SHORT_FORMS, SYNONYMS } from './wording-tables.js';

/** A question of English in the form that its paraphrases share. */
export interface EnglishWording {
  readonly words: readonly string[];
  /**
   * What its verbs say besides their meaning, sorted: whether it is to be answered by yes or no, tense, mood, number,
   * whether it asks for who does something or for whom it is done to.
   */
  readonly moods: readonly string[];
}

const MOST_FRAMES = 6;
const BE_AND_DO: ReadonlySet<string> = new Set('is are am was were be do does did'.split(' '));
const MODALS: ReadonlyMap<string, string> = new Map([
  ...'can could able'.split(' ').map((word): [string, string] => [word, 'can']),
  ...'should ought'.split(' ').map((word): [string, string] => [word, 'should']),
  ...'must may might will would shall'.split(' ').map((word): [string, string] => [word, word]),
]);
const OPENERS: ReadonlySet<string> = new Set([...BE_AND_DO, ...MODALS.keys(), 'has', 'have', 'had', 'whether', 'if']);
const PAST: ReadonlySet<string> = new Set(['was', 'were', 'did', 'had']);
const SUPPORTS: ReadonlySet<string> = new Set(['do', 'does', 'did']);
const PLURAL: ReadonlySet<string> = new Set(['are', 'were']);
/** A clause that says where or when, moved before the question. */
const FRONTED =
  /^((?:in|on|for|with|using|when|if|at|from|under|after|before|as|within|during|regarding|about|without) [^,]{1,80}) , ((?:please )?(?:what|who|where|when|why|how|which|can|could|is|are|do|does|did|should|will|would)\b.*)$/u;
/** Words that no possession goes on behind. */
const BOUNDARY: ReadonlySet<string> = new Set(
  'is are was were am be do does did can could should will would of in on at to from for with by and or but than as when if called named born located , .'.split(
    ' ',
  ),
);
/** The words around an `a` that is the first letter: "vitamin a", "an a record". */
const LABELLED = /^(?:an|the|vitamin|hepatitis|influenza) | \.$/u;
const MOST_POSSESSED = 3;

/** Writes out the short forms of English: "what's" is "what is". */
export function writeOut(text: string): string {
  return SHORT_FORMS.reduce((written, [pattern, replacement]) => written.replace(pattern, replacement), text);
}

/** The wording of a question in English, of which the tokens were read from the written out text. */
export function toEnglishWording(tokens: readonly Token[]): EnglishWording {
  const spoken = moveFronted(toPossessions(tokens).join(' '));
  const bare = spoken
    .split(' ')
    .filter((word) => word !== ',' && word !== '.')
    .join(' ');
  const asked = PHRASES.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    withoutFrames(bare),
  );
  const all = asked.split(' ').filter((word) => word !== '');
  const opener = all[0] ?? '';
  const words = opener === 'whether' || opener === 'if' ? all.slice(1) : all;
  return { words: words.filter(isSaying).map(toCommonForm), moods: readMoods(words, OPENERS.has(opener)) };
}

function isSaying(word: string, index: number, words: readonly string[]): boolean {
  if (word === 'a' && LABELLED.test(`${words[index - 1] ?? ''} ${words[index + 1] ?? '.'}`)) return true;
  return !EMPTY_WORDS.has(word) && !BE_AND_DO.has(word) && !MODALS.has(word);
}

function readMoods(words: readonly string[], isYesOrNo: boolean): string[] {
  const moods = new Set<string>();
  if (isYesOrNo) moods.add('yes-or-no');
  for (const [index, word] of words.entries()) {
    // "Who did she see" asks for another one than "who saw her".
    const next = words[index + 1] ?? '';
    if (/^whom?$/u.test(word) ? SUPPORTS.has(next) : word === 'what' && next === 'did') moods.add('object');
    const modal = MODALS.get(word);
    if (modal !== undefined) moods.add(modal);
    if (PAST.has(word)) moods.add('past');
    if (PLURAL.has(word)) moods.add('plural');
  }
  return [...moods].sort();
}

function withoutFrames(text: string): string {
  let bare = text;
  for (let round = 0; round < MOST_FRAMES; round += 1) {
    const shorter = FRAMES.reduce((rest, frame) => rest.replace(frame, ''), bare);
    if (shorter === bare || shorter.trim() === '') return bare;
    bare = shorter;
  }
  return bare;
}

function moveFronted(text: string): string {
  const [, clause, question] = FRONTED.exec(text.replace(/(?: [,.])+$/u, '')) ?? [];
  return clause === undefined || question === undefined ? text : `${question.replace(/ \.$/u, '')} ${clause}`;
}

/** "France's capital" is "capital of France"; the words of the others as they are. */
function toPossessions(tokens: readonly Token[]): string[] {
  const words: string[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const { text, kind, isName } = tokens[index] ?? { text: '', kind: 'word', isName: false };
    const owner = kind === 'word' && text.endsWith("'s") ? text.slice(0, -2) : null;
    const possessed = owner === null ? [] : possessedBehind(tokens, index + 1);
    if (owner === null || possessed.length === 0) {
      words.push(shownAs(text, kind));
      continue;
    }
    const owners = isName ? takeNames(words, tokens, index) : [];
    words.push(...possessed, 'of', ...owners, owner);
    index += possessed.length;
  }
  return words;
}

// Of a literal with blanks in it one word has to be made.
function shownAs(text: string, kind: Token['kind']): string {
  if (kind === 'literal') return `\u241f${text.replace(/\s+/gu, '\u2420')}`;
  return kind === 'number' ? `#${text}` : text;
}

function possessedBehind(tokens: readonly Token[], from: number): string[] {
  const possessed: string[] = [];
  for (const { text, kind } of tokens.slice(from, from + MOST_POSSESSED)) {
    if (kind !== 'word' || BOUNDARY.has(text) || text.endsWith("'s")) break;
    possessed.push(text);
  }
  return possessed;
}

// "New York's mayor": the whole name owns.
function takeNames(words: string[], tokens: readonly Token[], index: number): string[] {
  let count = 0;
  while (tokens[index - 1 - count]?.kind === 'word' && tokens[index - 1 - count]?.isName === true) count += 1;
  return count === 0 ? [] : words.splice(-count);
}

/** The form that a word shares with its plural and the words that mean the same. */
export function toCommonForm(word: string): string {
  const unit = word.length > 2 ? unitOf(word) : null;
  if (unit !== null) return unit;
  const known = SYNONYMS.get(word) ?? (word.endsWith('s') ? SYNONYMS.get(word.slice(0, -1)) : undefined);
  if (known !== undefined) return known;
  const singular = toSingular(word);
  return SYNONYMS.get(singular) ?? singular;
}

function toSingular(word: string): string {
  const known = PLURALS.get(word);
  if (known !== undefined) return known;
  if (word.length < 4 || !/^\p{L}+s$/u.test(word) || /(?:ss|us|is|ous)$/u.test(word)) return word;
  if (/(?:sses|shes|ches|xes|zes)$/u.test(word)) return word.slice(0, -2);
  return /[^aeiou]ies$/u.test(word) && word.length > 4 ? `${word.slice(0, -3)}y` : word.slice(0, -1);
}

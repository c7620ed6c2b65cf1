import { hasUnspacedScript, splitWords } from '../../../core/text/split-words.js';
import { NUMBER_WORDS, unitOf } from './word-tables.js';

/** A piece of a question: a word in lower case, a number as its digits, or something that is only equal to itself. */
export interface Token {
  readonly kind: 'word' | 'number' | 'literal' | 'comma' | 'stop';
  readonly text: string;
  /** Whether a word is written as a name: with a capital letter inside a sentence. */
  readonly isName: boolean;
  /** How a word is written that has capital letters. */
  readonly written?: string;
}

/** Code, quotations, addresses: what is in them is compared letter by letter. */
const LITERAL =
  /```[\s\S]{0,2000}?```|`[^`]{1,1000}`|"[^"]{1,1000}"|\u201c[^\u201d]{1,1000}\u201d|\u201e[^\u201c\u201d]{1,1000}[\u201c\u201d]|\u00ab[^\u00bb]{1,1000}\u00bb|\u300c[^\u300d]{1,1000}\u300d|(?<![\p{L}\p{N}])'[^'\s][^']{0,1000}'(?![\p{L}\p{N}])|https?:\/\/\S+|(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+/gu;
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]/gu;
const LEADING = /^[("'\u00bf\u00a1[{<*_\u2026\u2013\u2014]+(?=.)/u;
// The look behind keeps a long run of such signs from being tried from each of them.
const TRAILING =
  /(?<![)"'\]}>*_.,;:!?\u2026\u3002\uff1f\uff01\uff0c\u3001\u061f\u060c\u2013\u2014])[)"'\]}>*_.,;:!?\u2026\u3002\uff1f\uff01\uff0c\u3001\u061f\u060c\u2013\u2014]+$/u;
const WORD = /^[\p{L}\p{M}]+(?:['-][\p{L}\p{M}]+)*$/u;
const NUMBER = /^([$\u20ac\u00a3\u00a5]?)([-+\u2212]?\d[\d.,]*)(%|[\p{L}\u00b0]{1,14})?$/u;
/** Names of products and versions, which people write with capitals or without; in other signs a capital may mean something. */
const NAME_LIKE = /^[\p{L}\p{M}\p{N}.'-]+$/u;
/** A milliwatt is no megawatt. */
const AMOUNT_LIKE = /^[-+\d.,]+\p{L}+$/u;
const ORDINAL = /^(?:st|nd|rd|th)$/u;
/** Signs that stand at words in code and markup, and in no prose. */
const SIGNS_OF_CODE = /[[\]{}<>*_]/u;
const FACTORIAL = /^(?:\d+|\p{L})!+[?.,;:]*$/u;
/** Feet, inches, minutes. */
const MARKED_NUMBER = /^\d[\d.,]*['"\u2032\u2033]/u;
const END_OF_SENTENCE = /(?<![.,;:!?])[.,;:!?]+$/u;
const SUPERSCRIPT = /[\u00b2\u00b3\u00b9\u2070-\u207f]+/gu;
const MARKS = /^[.!?\u3002\uff1f\uff01\u061f]+$/u;
/** A megabit is no megabyte; who writes all in small letters means bytes. */
const BITS = /^[KMGT]b$/u;
const FRACTION = /[\u00bc-\u00be\u2150-\u215e]/gu;
const MEANINGLESS = /^(?:[-\u2010-\u2015\u2022\u00b7:]|-{2,3})$/u;
const STOP: Token = { kind: 'stop', text: '.', isName: false };

/** Cuts a text into tokens, in order. */
export function splitTokens(text: string): Token[] {
  const plain = text
    // 5\u00b2 is not 52, nor 1\u00bd 11/2.
    .replace(SUPERSCRIPT, '^$&')
    .replace(FRACTION, ' $&')
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(/[\u2018\u2019\u02bc]/gu, "'");
  const tokens: Token[] = [];
  let end = 0;
  for (const match of plain.matchAll(LITERAL)) {
    appendChunks(plain.slice(end, match.index), tokens);
    const isAddress = match[0].startsWith('http') || match[0].includes('@');
    tokens.push({
      kind: 'literal',
      text: isAddress ? match[0].replace(TRAILING, '') : match[0].slice(1, -1).trim(),
      isName: false,
    });
    end = match.index + match[0].length;
  }
  appendChunks(plain.slice(end), tokens);
  // In the midst of a sentence a mark by itself is what it is about; at the end it ends it, as in French.
  const last = tokens.at(-1);
  const isQuoted = plain.slice(end).trim() === '';
  if (last?.kind === 'literal' && !isQuoted && MARKS.test(last.text)) tokens.splice(-1, 1, STOP);
  return tokens;
}

function appendChunks(text: string, tokens: Token[]): void {
  for (const chunk of text.split(/\s+/u)) if (chunk !== '') appendChunk(chunk, tokens);
}

function appendChunk(chunk: string, tokens: Token[]): void {
  const before = tokens.at(-1);
  const isFirst = !before || before.kind === 'stop';
  if (FACTORIAL.test(chunk) || /^[^\p{L}\p{N}]+$/u.test(chunk)) {
    appendSymbols(chunk, tokens);
    return;
  }
  const bare = chunk.replace(LEADING, '').replace(TRAILING, '');
  const start = chunk.lastIndexOf(bare);
  const tail = chunk.slice(start + bare.length);
  if (SIGNS_OF_CODE.test(chunk.slice(0, start)) || SIGNS_OF_CODE.test(tail) || MARKED_NUMBER.test(chunk))
    tokens.push({ kind: 'literal', text: chunk.replace(END_OF_SENTENCE, ''), isName: false });
  else appendBare(bare, isFirst, tokens);
  if (/[,;\uff0c\u3001\u060c]/u.test(tail)) tokens.push({ kind: 'comma', text: ',', isName: false });
  if (/[.!?\u3002\uff1f\uff01\u061f]/u.test(tail)) tokens.push({ kind: 'stop', text: '.', isName: false });
}

// Dashes and bullets say nothing.
function appendSymbols(chunk: string, tokens: Token[]): void {
  if (FACTORIAL.test(chunk)) tokens.push({ kind: 'literal', text: chunk.replace(/[?.,;:]+$/u, ''), isName: false });
  else if (unitOf(chunk) !== null && tokens.at(-1)?.kind === 'number')
    tokens.push({ kind: 'word', text: chunk, isName: false });
  else if (chunk === '-' && tokens.at(-1)?.kind === 'number')
    tokens.push({ kind: 'literal', text: '-', isName: false });
  else if (!MEANINGLESS.test(chunk)) tokens.push({ kind: 'literal', text: chunk, isName: false });
}

function appendBare(bare: string, isFirst: boolean, tokens: Token[]): void {
  const amount = readAmount(bare);
  if (amount) tokens.push(...amount);
  else if (hasUnspacedScript(bare)) {
    for (const word of splitWords(bare)) tokens.push({ kind: 'word', text: word, isName: /^[a-z\d]/u.test(word) });
  } else if (WORD.test(bare)) {
    for (const part of bare.split('-')) tokens.push(toWord(part, isFirst));
  } else if (bare !== '') {
    tokens.push({
      kind: 'literal',
      text: NAME_LIKE.test(bare) && !AMOUNT_LIKE.test(bare) ? bare.toLowerCase() : bare,
      isName: false,
    });
  }
}

/** A number and the unit that is written together with it; null for anything else. */
function readAmount(bare: string): Token[] | null {
  const [, currency = '', digits = '', suffix = ''] = NUMBER.exec(bare) ?? [];
  if (digits === '') return null;
  const isOrdinal = ORDINAL.test(suffix);
  const unit = unitOf(currency === '' ? toUnitName(suffix) : currency);
  if (suffix !== '' && unit === null && !isOrdinal) return null;
  const number: Token = { kind: 'number', text: toPlainNumber(digits) + (isOrdinal ? 'th' : ''), isName: false };
  return unit === null ? [number] : [number, { kind: 'word', text: unit, isName: false }];
}

function toUnitName(suffix: string): string {
  return BITS.test(suffix) ? suffix : suffix.toLowerCase();
}

// "I" is a word; "II" in a name is a number that only names have, and stays one.
function toWord(part: string, isFirst: boolean): Token {
  const text = part.toLowerCase();
  const isName =
    /\p{Lu}/u.test(part) && part !== 'I' && !text.startsWith("i'") && !(isFirst && /^\p{Lu}[^\p{Lu}]*$/u.test(part));
  const value = NUMBER_WORDS.get(text);
  return value === undefined
    ? { kind: 'word', text, isName, ...(isName && { written: part }) }
    : { kind: 'number', text: value, isName: false };
}

// A single separator before three digits may be of thousands or of a fraction: then the number is only equal to itself.
function toPlainNumber(digits: string): string {
  const bare = digits
    .replace(/[.,]+$/u, '')
    .replace('\u2212', '-')
    .replace(/^\+/u, '');
  if (/^-?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+$/u.test(bare)) return bare.replace(/[.,]/gu, '');
  if (/^-?\d{1,3}(?:,\d{3})+\.\d+$/u.test(bare)) return bare.replaceAll(',', '');
  if (/^-?\d+[.,]\d{3}$/u.test(bare)) return bare;
  return bare.replace(',', '.');
}

import { hasUnspacedScript, splitWords } from '../../../core/text/split-words.js';
import { NUMBER_WORDS, unitOf } from './word-tables.js';

/** A piece of a question: a word in lower case, a number as its digits, or something that is only equal to itself. */
export interface Token {
  readonly kind: 'word' | 'number' | 'literal' | 'comma' | 'stop';
  readonly text: string;
  /** Whether a word is written as a name: with a capital letter inside a sentence. */
  readonly isName: boolean;
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
const ORDINAL = /^(?:st|nd|rd|th)$/u;

/** Cuts a text into tokens, in order. */
export function splitTokens(text: string): Token[] {
  const plain = text
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
  return tokens;
}

function appendChunks(text: string, tokens: Token[]): void {
  for (const chunk of text.split(/\s+/u)) if (chunk !== '') appendChunk(chunk, tokens);
}

function appendChunk(chunk: string, tokens: Token[]): void {
  const before = tokens.at(-1);
  const isFirst = !before || before.kind === 'stop';
  if (/^\d+!+[?.,;:]*$/u.test(chunk) || /^[^\p{L}\p{N}]+$/u.test(chunk)) {
    appendSymbols(chunk, tokens);
    return;
  }
  const bare = chunk.replace(LEADING, '').replace(TRAILING, '');
  appendBare(bare, isFirst, tokens);
  const tail = chunk.slice(chunk.lastIndexOf(bare) + bare.length);
  if (/[,;\uff0c\u3001\u060c]/u.test(tail)) tokens.push({ kind: 'comma', text: ',', isName: false });
  if (/[.!?\u3002\uff1f\uff01\u061f]/u.test(tail)) tokens.push({ kind: 'stop', text: '.', isName: false });
}

// Signs of arithmetic say something; dashes, bullets and marks at the end do not.
function appendSymbols(chunk: string, tokens: Token[]): void {
  if (/^\d/u.test(chunk)) tokens.push({ kind: 'literal', text: chunk.replace(/[?.,;:]+$/u, ''), isName: false });
  else if (unitOf(chunk) !== null && tokens.at(-1)?.kind === 'number')
    tokens.push({ kind: 'word', text: chunk, isName: false });
  else if (chunk === '-' && tokens.at(-1)?.kind === 'number')
    tokens.push({ kind: 'literal', text: '-', isName: false });
  else if (/[+*/=<>^&|~%$\u20ac\u00a3\u2264\u2265\u2260\u00d7\u00f7\u221a]/u.test(chunk)) {
    tokens.push({ kind: 'literal', text: chunk, isName: false });
  } else if (/[.!?\u3002\uff1f\uff01]/u.test(chunk)) tokens.push({ kind: 'stop', text: '.', isName: false });
}

function appendBare(bare: string, isFirst: boolean, tokens: Token[]): void {
  const amount = readAmount(bare);
  if (amount) tokens.push(...amount);
  else if (hasUnspacedScript(bare)) {
    for (const word of splitWords(bare)) tokens.push({ kind: 'word', text: word, isName: /^[a-z\d]/u.test(word) });
  } else if (WORD.test(bare)) {
    for (const part of bare.split('-')) tokens.push(toWord(part, isFirst));
  } else if (bare !== '') {
    tokens.push({ kind: 'literal', text: NAME_LIKE.test(bare) ? bare.toLowerCase() : bare, isName: false });
  }
}

/** A number and the unit that is written together with it; null for anything else. */
function readAmount(bare: string): Token[] | null {
  const [, currency = '', digits = '', suffix = ''] = NUMBER.exec(bare) ?? [];
  if (digits === '') return null;
  const isOrdinal = ORDINAL.test(suffix);
  const unit = unitOf(currency === '' ? suffix.toLowerCase() : currency);
  if (suffix !== '' && unit === null && !isOrdinal) return null;
  const number: Token = { kind: 'number', text: toPlainNumber(digits) + (isOrdinal ? 'th' : ''), isName: false };
  return unit === null ? [number] : [number, { kind: 'word', text: unit, isName: false }];
}

// "I" is a word; "II" in a name is a number that only names have, and stays one.
function toWord(part: string, isFirst: boolean): Token {
  const text = part.toLowerCase();
  const isName =
    /\p{Lu}/u.test(part) && part !== 'I' && !text.startsWith("i'") && !(isFirst && /^\p{Lu}[^\p{Lu}]*$/u.test(part));
  const value = NUMBER_WORDS.get(text);
  return value === undefined ? { kind: 'word', text, isName } : { kind: 'number', text: value, isName: false };
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

import { splitSentences, type TextSpan } from '../../core/text/split-sentences.js';
import { skipBlank } from './skip-blank.js';

/** How large a chunk may be. */
export interface ChunkLimits {
  maxCharacters: number;
  maxTokens: number;
  countTokens(text: string): number;
}

/** A span with its tokens; the white space before it counts when something is joined to it. */
export interface CountedSpan extends TextSpan {
  tokens: number;
}

type Cut = (text: string, span: TextSpan) => TextSpan[];

const WINDOW_CHARACTERS = 16_000;
const BY_LINE: readonly Cut[] = [cutLines, cutSentences, cutWords, cutAnywhere];
const BY_SENTENCE: readonly Cut[] = [cutSentences, cutWords, cutAnywhere];

/**
 * Cuts a span that is too large into pieces of about the same size that are not, at the best boundaries there are:
 * lines or sentences, else words, else between characters. Every visible character is in exactly one piece.
 */
export function* splitSpan(
  text: string,
  span: TextSpan,
  limits: ChunkLimits,
  keepLines: boolean,
): Generator<CountedSpan> {
  for (const window of cutWindows(text, span)) yield* split(text, window, limits, keepLines ? BY_LINE : BY_SENTENCE);
}

// Very long runs go in windows, so that whoever pulls the pieces can let others run in between.
function* cutWindows(text: string, span: TextSpan): Generator<TextSpan> {
  let start = skipBlank(text, span.start);
  while (span.end - start > WINDOW_CHARACTERS) {
    const hard = start + WINDOW_CHARACTERS;
    const space = Math.max(text.lastIndexOf('\n', hard), text.lastIndexOf(' ', hard));
    const isPair = /[\uD800-\uDBFF]/.test(text[hard - 1] ?? '');
    const end = space > start ? space : hard + (isPair ? 1 : 0);
    yield { start, end };
    start = skipBlank(text, end);
  }
  if (start < span.end) yield { start, end: span.end };
}

// Counting is what cutting costs most: a text is counted whole only when it may go whole, else by its units.
function split(text: string, span: TextSpan, limits: ChunkLimits, cuts: readonly Cut[]): CountedSpan[] {
  const length = span.end - span.start;
  if (length <= Math.max(2, limits.maxCharacters)) {
    const tokens = limits.countTokens(text.slice(span.start, span.end));
    if (tokens <= limits.maxTokens || length <= 2) return [{ ...span, tokens }];
  }
  const [cut = cutAnywhere, ...finer] = cuts;
  const units = countUnits(text, cut(text, span), limits);
  const tokens = units.reduce((sum, unit) => sum + unit.tokens, 0);
  const parts = Math.max(2, Math.ceil(length / limits.maxCharacters), Math.ceil(tokens / limits.maxTokens));
  const balanced = { ...limits, maxCharacters: Math.min(limits.maxCharacters, Math.ceil((length / parts) * 1.1)) };
  return group(text, units, limits, balanced, finer.length > 0 ? finer : [cutAnywhere]);
}

// Of a unit that is longer than a piece may be only the beginning is counted: it is cut in any case.
function countUnits(text: string, units: readonly TextSpan[], limits: ChunkLimits): CountedSpan[] {
  let previousEnd = units[0]?.start ?? 0;
  return units.map((unit) => {
    const counted = { start: unit.start, end: Math.min(unit.end, unit.start + limits.maxCharacters) };
    const tokens = countWithGap(text, counted, previousEnd, limits);
    previousEnd = unit.end;
    return { ...unit, tokens };
  });
}

function group(
  text: string,
  units: readonly CountedSpan[],
  limits: ChunkLimits,
  target: ChunkLimits,
  finer: readonly Cut[],
): CountedSpan[] {
  const pieces: CountedSpan[] = [];
  let open: CountedSpan | null = null;
  for (const unit of units) {
    const isTooLarge = unit.end - unit.start > limits.maxCharacters || unit.tokens > limits.maxTokens;
    if (open && !isTooLarge && fits(open, unit, target)) {
      open = { start: open.start, end: unit.end, tokens: open.tokens + unit.tokens };
      continue;
    }
    if (open) pieces.push(open);
    open = isTooLarge ? null : unit;
    if (isTooLarge) pieces.push(...split(text, unit, limits, finer));
  }
  if (open) pieces.push(open);
  return pieces;
}

/** The tokens of a span and of the white space that joins it to the one before. */
export function countWithGap(text: string, span: TextSpan, previousEnd: number, limits: ChunkLimits): number {
  // Counted together, because a space goes with its word; what is longer than a chunk joins nothing.
  return limits.countTokens(text.slice(Math.max(previousEnd, span.start - limits.maxCharacters), span.end));
}

/** The tokens of the white space between two spans. */
export function countGap(text: string, previousEnd: number, start: number, limits: ChunkLimits): number {
  // A line break or two is one token at most; what is longer than a chunk joins nothing.
  const gap = Math.min(start - previousEnd, limits.maxCharacters);
  return gap > 2 ? limits.countTokens(text.slice(start - gap, start)) : 1;
}

function fits(open: CountedSpan, unit: CountedSpan, target: ChunkLimits): boolean {
  return unit.end - open.start <= target.maxCharacters && open.tokens + unit.tokens <= target.maxTokens;
}

function cutSentences(text: string, span: TextSpan): TextSpan[] {
  return splitSentences(text.slice(span.start, span.end)).map((sentence) => shift(sentence, span.start));
}

function cutLines(text: string, span: TextSpan): TextSpan[] {
  return cutByPattern(text, span, /[^\n]*\S[^\n]*/gu);
}

function cutWords(text: string, span: TextSpan): TextSpan[] {
  return cutByPattern(text, span, /\S+/gu);
}

function cutByPattern(text: string, span: TextSpan, pattern: RegExp): TextSpan[] {
  const spans: TextSpan[] = [];
  for (const match of text.slice(span.start, span.end).matchAll(pattern)) {
    spans.push(shift({ start: match.index, end: match.index + match[0].length }, span.start));
  }
  return spans;
}

// Small pieces, smaller ones where those were still too large, and never between the halves of a surrogate pair.
function cutAnywhere(text: string, span: TextSpan): TextSpan[] {
  const spans: TextSpan[] = [];
  const size = Math.min(64, Math.ceil((span.end - span.start) / 2));
  for (let start = span.start; start < span.end;) {
    let end = Math.min(span.end, start + size);
    if (end < span.end && /[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end += 1;
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

function shift(span: TextSpan, by: number): TextSpan {
  return { start: span.start + by, end: span.end + by };
}

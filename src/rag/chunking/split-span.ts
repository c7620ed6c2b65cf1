import { splitSentences, type TextSpan } from '../../core/text/split-sentences.js';
import { skipBlank } from './skip-blank.js';

/** How large a chunk may be. */
export interface ChunkLimits {
  maxCharacters: number;
  maxTokens: number;
  countTokens(text: string): number;
}

type Cut = (text: string, span: TextSpan) => TextSpan[];

const WINDOW_CHARACTERS = 16_000;
const BY_LINE: readonly Cut[] = [cutLines, cutSentences, cutWords, cutAnywhere];
const BY_SENTENCE: readonly Cut[] = [cutSentences, cutWords, cutAnywhere];

/**
 * Cuts a span that is too large into pieces of about the same size that are not, at the best boundaries there are:
 * lines or sentences, else words, else between characters. Every visible character is in exactly one piece.
 */
export function* splitSpan(text: string, span: TextSpan, limits: ChunkLimits, keepLines: boolean): Generator<TextSpan> {
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

function split(text: string, span: TextSpan, limits: ChunkLimits, cuts: readonly Cut[]): TextSpan[] {
  const length = span.end - span.start;
  // Counting a long run only to learn that it is too long would cost more than cutting it.
  const tokens = length > limits.maxCharacters * 4 ? length / 4 : limits.countTokens(text.slice(span.start, span.end));
  const parts = Math.max(Math.ceil(length / limits.maxCharacters), Math.ceil(tokens / limits.maxTokens));
  if (parts <= 1 || length <= 2) return [span];
  const [cut = cutAnywhere, ...finer] = cuts;
  const balanced = { ...limits, maxCharacters: Math.min(limits.maxCharacters, Math.ceil((length / parts) * 1.1)) };
  return group(text, cut(text, span), limits, balanced, finer.length > 0 ? finer : [cutAnywhere]);
}

function group(
  text: string,
  units: TextSpan[],
  limits: ChunkLimits,
  target: ChunkLimits,
  finer: readonly Cut[],
): TextSpan[] {
  const pieces: TextSpan[] = [];
  let open: { span: TextSpan; tokens: number } | null = null;
  let previousEnd = units[0]?.start ?? 0;
  for (const unit of units) {
    const counted = { ...unit, end: Math.min(unit.end, unit.start + limits.maxCharacters) };
    const tokens = countWithGap(text, counted, previousEnd, limits);
    previousEnd = unit.end;
    const isTooLarge = unit.end - unit.start > limits.maxCharacters || tokens > limits.maxTokens;
    if (open && !isTooLarge && fits(open, unit, tokens, target)) {
      open = { span: { start: open.span.start, end: unit.end }, tokens: open.tokens + tokens };
      continue;
    }
    if (open) pieces.push(open.span);
    open = isTooLarge ? null : { span: unit, tokens };
    if (isTooLarge) pieces.push(...split(text, unit, limits, finer));
  }
  if (open) pieces.push(open.span);
  return pieces;
}

/** The tokens of a span and of the white space that joins it to the one before. */
export function countWithGap(text: string, span: TextSpan, previousEnd: number, limits: ChunkLimits): number {
  // A line break or two is one token at most; what is longer than a chunk joins nothing.
  const gap = Math.min(span.start - previousEnd, limits.maxCharacters);
  const gapTokens = gap > 2 ? limits.countTokens(text.slice(span.start - gap, span.start)) : 1;
  return limits.countTokens(text.slice(span.start, span.end)) + gapTokens;
}

function fits(open: { span: TextSpan; tokens: number }, unit: TextSpan, tokens: number, target: ChunkLimits): boolean {
  return unit.end - open.span.start <= target.maxCharacters && open.tokens + tokens <= target.maxTokens;
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

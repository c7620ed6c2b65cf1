import { splitSentences, type TextSpan } from '../../core/text/split-sentences.js';
import { headingTitle, parseBlocks, type Block } from './parse-blocks.js';
import { countGap, countWithGap, splitSpan, type ChunkLimits } from './split-span.js';

/** A piece of a document; `text` is exactly `documentText.slice(start, end)`, in UTF-16 code units. */
export interface TextChunk extends TextSpan {
  text: string;
  /** Titles of the headings above its beginning, outermost first, joined by ` > `; null when there are none. */
  headingPath: string | null;
}

export interface ChunkingOptions extends ChunkLimits {
  /** How many characters of the chunk before it a chunk repeats at most. */
  overlap: number;
}

interface Piece extends TextSpan {
  isHeading: boolean;
  /** Whether it may be cut between sentences. */
  isProse: boolean;
  headingPath: string | null;
  tokens: number;
}

// A chunk that has this share of the size is ended by the next heading; smaller ones take the next section in.
const SECTION_SHARE = 0.4;
// One that has less takes the first sentences of a paragraph that does not fit whole.
const FULL_SHARE = 0.5;

/** Cuts a text by its structure into chunks, in order and lazily. Together they hold every visible character. */
export function* chunkText(text: string, options: ChunkingOptions): Generator<TextChunk> {
  let previousEnd = 0;
  const own = leaveRoom(options);
  for (const span of packPieces(text, readPieces(text, own), own)) {
    const start = options.overlap > 0 ? reachBack(text, span, previousEnd, options) : span.start;
    yield { start, end: span.end, text: text.slice(start, span.end), headingPath: span.headingPath };
    previousEnd = span.end;
  }
}

// What a chunk repeats of the one before counts towards its size.
function leaveRoom(options: ChunkingOptions): ChunkingOptions {
  if (options.overlap === 0) return options;
  const maxCharacters = options.maxCharacters - options.overlap;
  const maxTokens = Math.ceil((options.maxTokens * maxCharacters) / options.maxCharacters);
  return { ...options, maxCharacters, maxTokens };
}

function* readPieces(text: string, options: ChunkingOptions): Generator<Piece> {
  let previousEnd = 0;
  const path: { level: number; title: string }[] = [];
  for (const block of parseBlocks(text)) {
    if (block.kind === 'heading') dropFrom(path, block.level);
    const headingPath = path.length > 0 ? path.map((heading) => heading.title).join(' > ') : null;
    for (const span of splitSpan(text, trimSpan(text, block), options, isLineBased(block))) {
      const tokens = span.tokens + countGap(text, previousEnd, span.start, options);
      previousEnd = span.end;
      yield { ...span, isHeading: block.kind === 'heading', isProse: block.kind === 'paragraph', headingPath, tokens };
    }
    if (block.kind === 'heading') path.push({ level: block.level, title: headingTitle(text, block) });
  }
}

function* packPieces(text: string, pieces: Iterable<Piece>, options: ChunkingOptions): Generator<Piece> {
  let open: Piece[] = [];
  for (const [current, next] of inPairs(pieces)) {
    let piece = current;
    if (open.length > 0 && !belongs(open, piece, options)) {
      const cut = mayBeCut(open, piece, next, options) ? cutToFit(text, open, piece, options) : null;
      if (cut) {
        open.push(cut.head);
        piece = cut.tail;
      }
      const { closed, carried } = closeChunk(open);
      yield joinPieces(closed);
      open = carried;
      if (carried.length > 0 && !fitsTogether([...carried, piece], options)) {
        yield joinPieces(carried);
        open = [];
      }
    }
    open.push(piece);
  }
  if (open.length > 0) yield joinPieces(open);
}

// A heading goes with what it heads, not with what stands before it.
function closeChunk(open: readonly Piece[]): { closed: readonly Piece[]; carried: Piece[] } {
  const kept = open.findLastIndex((candidate) => !candidate.isHeading) + 1;
  return kept === 0 ? { closed: open, carried: [] } : { closed: open.slice(0, kept), carried: open.slice(kept) };
}

/** Each piece with the one behind it. */
function* inPairs(pieces: Iterable<Piece>): Generator<[Piece, Piece | null]> {
  let previous: Piece | null = null;
  for (const piece of pieces) {
    if (previous) yield [previous, piece];
    previous = piece;
  }
  if (previous) yield [previous, null];
}

// What ends its section is not cut: its rest would be a chunk of its own, and tiny.
function mayBeCut(open: readonly Piece[], piece: Piece, next: Piece | null, options: ChunkingOptions): boolean {
  if (!piece.isProse || !next || next.isHeading || open.at(-1)?.isHeading === true) return false;
  return open[0]?.headingPath === piece.headingPath && sizeOf(open) < options.maxCharacters * FULL_SHARE;
}

function cutToFit(
  text: string,
  open: readonly Piece[],
  piece: Piece,
  options: ChunkingOptions,
): { head: Piece; tail: Piece } | null {
  const start = open[0]?.start ?? piece.start;
  const room = options.maxTokens - open.reduce((sum, { tokens }) => sum + tokens, 0);
  let end = open.at(-1)?.end ?? piece.start;
  let taken = 0;
  for (const sentence of splitSentences(text.slice(piece.start, piece.end))) {
    const span = { start: piece.start + sentence.start, end: piece.start + sentence.end };
    const tokens = countWithGap(text, span, end, options);
    if (span.end - start > options.maxCharacters || taken + tokens > room) {
      if (taken === 0) return null;
      const tail = { ...piece, start: span.start, tokens: Math.max(1, piece.tokens - taken) };
      return { head: { ...piece, end, tokens: taken }, tail };
    }
    taken += tokens;
    end = span.end;
  }
  return null;
}

function belongs(open: readonly Piece[], piece: Piece, options: ChunkingOptions): boolean {
  const startsSection = piece.isHeading && open.some((candidate) => !candidate.isHeading);
  if (startsSection && sizeOf(open) >= options.maxCharacters * SECTION_SHARE) return false;
  return fitsTogether([...open, piece], options);
}

function sizeOf(pieces: readonly Piece[]): number {
  return (pieces.at(-1)?.end ?? 0) - (pieces[0]?.start ?? 0);
}

function fitsTogether(pieces: readonly Piece[], options: ChunkingOptions): boolean {
  const first = pieces[0];
  const last = pieces.at(-1);
  if (!first || !last) return true;
  const tokens = pieces.reduce((sum, piece) => sum + piece.tokens, 0);
  return last.end - first.start <= options.maxCharacters && tokens <= options.maxTokens;
}

function joinPieces(pieces: readonly Piece[]): Piece {
  const [first] = pieces;
  const last = pieces.at(-1);
  if (!first || !last) throw new Error('A chunk has at least one piece.');
  return { ...first, end: last.end, tokens: pieces.reduce((sum, piece) => sum + piece.tokens, 0) };
}

function dropFrom(path: { level: number }[], level: number): void {
  while ((path.at(-1)?.level ?? 0) >= level) path.pop();
}

function isLineBased(block: Block): boolean {
  return block.kind === 'code' || block.kind === 'table' || block.kind === 'list';
}

function trimSpan(text: string, span: TextSpan): TextSpan {
  const body = text.slice(span.start, span.end);
  return { start: span.start + body.length - body.trimStart().length, end: span.start + body.trimEnd().length };
}

// The first sentence that begins within reach; when a single one fills it, nothing is repeated.
function reachBack(text: string, span: TextSpan, previousEnd: number, options: ChunkingOptions): number {
  const from = Math.max(0, previousEnd - options.overlap, span.end - options.maxCharacters);
  if (previousEnd === 0 || previousEnd > span.start || from >= previousEnd) return span.start;
  const sentences = splitSentences(text.slice(from, previousEnd));
  const whole = from === 0 ? sentences[0] : sentences[1];
  const start = whole ? from + whole.start : span.start;
  const isTooLarge = options.countTokens(text.slice(start, span.end)) > options.maxTokens;
  return isTooLarge ? span.start : start;
}

import { splitSentences, type TextSpan } from '../../core/text/split-sentences.js';
import { headingTitle, parseBlocks, type Block } from './parse-blocks.js';
import { countWithGap, splitSpan, type ChunkLimits } from './split-span.js';

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
  headingPath: string | null;
  tokens: number;
}

// A chunk that has this share of the size is ended by the next heading; smaller ones take the next section in.
const SECTION_SHARE = 0.4;

/** Cuts a text by its structure into chunks, in order and lazily. Together they hold every visible character. */
export function* chunkText(text: string, options: ChunkingOptions): Generator<TextChunk> {
  let previousEnd = 0;
  const own = leaveRoom(options);
  for (const span of packPieces(readPieces(text, own), own)) {
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
      const tokens = countWithGap(text, span, previousEnd, options);
      previousEnd = span.end;
      yield { ...span, isHeading: block.kind === 'heading', headingPath, tokens };
    }
    if (block.kind === 'heading') path.push({ level: block.level, title: headingTitle(text, block) });
  }
}

function* packPieces(pieces: Iterable<Piece>, options: ChunkingOptions): Generator<Piece> {
  let open: Piece[] = [];
  for (const piece of pieces) {
    if (open.length > 0 && !belongs(open, piece, options)) {
      // A heading goes with what it heads, not with what stands before it.
      const kept = open.findLastIndex((candidate) => !candidate.isHeading) + 1;
      const carried = kept === 0 ? [] : open.slice(kept);
      yield joinPieces(kept === 0 ? open : open.slice(0, kept));
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

function belongs(open: readonly Piece[], piece: Piece, options: ChunkingOptions): boolean {
  const size = (open.at(-1)?.end ?? 0) - (open[0]?.start ?? 0);
  const startsSection = piece.isHeading && open.some((candidate) => !candidate.isHeading);
  if (startsSection && size >= options.maxCharacters * SECTION_SHARE) return false;
  return fitsTogether([...open, piece], options);
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

import type { TextSpan } from '../../core/text/split-sentences.js';
import { skipBlank } from './skip-blank.js';

/** A piece of structure: a heading, a paragraph, or something that reads as one unit. */
export interface Block extends TextSpan {
  kind: 'heading' | 'paragraph' | 'list' | 'code' | 'table';
  /** 1 to 6 for headings, else 0. */
  level: number;
}

type Line = TextSpan;

const FENCE = /^ {0,3}(`{3,}|~{3,})/u;
const HEADING = /^(#{1,6})[ \t]+\S/u;
const LIST_ITEM = /^[ \t]{0,12}(?:[-*+\u2022]|\d{1,4}[.)])[ \t]/u;
const INDENTED = /^[ \t]{2,}\S/u;
const TABLE_ROW = /^[ \t]*\|/u;
// Longer ones go on in a further block, so that whoever pulls the blocks can let others run in between.
const MAX_BLOCK_CHARACTERS = 64_000;
// No line of structure needs more than its beginning to be told apart.
const PROBE = 80;

/** Reads plain text or Markdown into blocks, in order and lazily; blank lines belong to none. */
export function* parseBlocks(text: string): Generator<Block> {
  const lines = new LineReader(text);
  for (let line = lines.takeVisible(); line; line = lines.takeVisible()) {
    const fence = FENCE.exec(probeOf(text, line))?.[1];
    if (fence === undefined) yield readBlock(text, lines, line);
    else yield* readFence(text, lines, line, fence);
  }
}

/** The text of a heading without its marks, shortened when it is very long. */
export function headingTitle(text: string, heading: TextSpan): string {
  const title = text.slice(heading.start, Math.min(heading.end, heading.start + 200));
  return title
    .replace(/^#{1,6}[ \t]+/u, '')
    .replace(/[ \t]+#+[ \t]*$/u, '')
    .trim();
}

function readBlock(text: string, lines: LineReader, first: Line): Block {
  const probe = probeOf(text, first);
  const heading = HEADING.exec(probe);
  if (heading) return { ...first, kind: 'heading', level: heading[1]?.length ?? 1 };
  const kind = kindOf(probe);
  let end = first.end;
  for (let next = lines.peek(); next && continues(kind, text, next); next = lines.peek()) {
    if (next.end - first.start > MAX_BLOCK_CHARACTERS) break;
    end = next.end;
    lines.take();
  }
  return { kind, level: 0, start: first.start, end };
}

// An open fence without its end holds the rest of the text, as it does for Markdown.
function* readFence(text: string, lines: LineReader, first: Line, fence: string): Generator<Block> {
  let { start, end } = first;
  for (let line = lines.takeVisible(); line; line = lines.takeVisible()) {
    if (line.end - start > MAX_BLOCK_CHARACTERS) {
      yield { kind: 'code', level: 0, start, end };
      start = line.start;
    }
    end = line.end;
    const closing = FENCE.exec(probeOf(text, line))?.[1];
    if (closing?.startsWith(fence)) break;
  }
  yield { kind: 'code', level: 0, start, end };
}

function kindOf(probe: string): 'list' | 'table' | 'paragraph' {
  if (LIST_ITEM.test(probe)) return 'list';
  return TABLE_ROW.test(probe) ? 'table' : 'paragraph';
}

function continues(kind: 'list' | 'table' | 'paragraph', text: string, line: Line): boolean {
  const probe = probeOf(text, line);
  if (isBlank(text, line) || HEADING.test(probe) || FENCE.test(probe)) return false;
  if (kind === 'table') return TABLE_ROW.test(probe);
  if (kind === 'list') return LIST_ITEM.test(probe) || INDENTED.test(probe);
  return !LIST_ITEM.test(probe) && !TABLE_ROW.test(probe);
}

function probeOf(text: string, line: Line): string {
  return text.slice(line.start, Math.min(line.end, line.start + PROBE));
}

function isBlank(text: string, line: Line): boolean {
  return text.slice(line.start, line.end).trim() === '';
}

class LineReader {
  #position: number;
  #next: Line | null = null;

  constructor(private readonly text: string) {
    // A byte order mark belongs to no line, or a heading behind it would be none.
    this.#position = text.startsWith('\uFEFF') ? 1 : 0;
  }

  peek(): Line | null {
    this.#next ??= this.#read();
    return this.#next;
  }

  take(): Line | null {
    const line = this.peek();
    this.#next = null;
    return line;
  }

  /** The next line that is not blank; a text may have millions of blank ones. */
  takeVisible(): Line | null {
    const from = this.#next?.start ?? this.#position;
    const visible = skipBlank(this.text, from);
    this.#next = null;
    this.#position = visible < this.text.length ? Math.max(from, this.text.lastIndexOf('\n', visible) + 1) : visible;
    return this.take();
  }

  #read(): Line | null {
    if (this.#position >= this.text.length) return null;
    const start = this.#position;
    const newline = this.text.indexOf('\n', start);
    const end = newline === -1 ? this.text.length : newline;
    this.#position = newline === -1 ? end : newline + 1;
    return { start, end: end > start && this.text[end - 1] === '\r' ? end - 1 : end };
  }
}

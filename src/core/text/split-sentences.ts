/** A piece of a text, as UTF-16 offsets, half-open. */
export interface TextSpan {
  start: number;
  end: number;
}

const MAX_SEGMENTED_CHARACTERS = 20_000;
const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
// A sentence that seems to end after one of these goes on: initials, titles and the like.
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|[Mm]rs?|[Dd]r|[Pp]rof|[Ss]t|[Jj]r|[Ss]r|vs|e\.g|i\.e|etc|approx|[Nn]o|[Ff]ig|[Ee]q|al|cf|Inc|Ltd|Co)\.\s*$/u;

const TERMINATED = /[.!?\u2026\u3002\uff01\uff1f:]["'\u201d\u2019)\]]*$/u;

// White space, and the end of Markdown emphasis that the sentence before began.
const LEADING = /^\s*(?:(?:\*{2,3}|_{2,3})\s+)?/u;

/** Cuts a text into sentences that are trimmed, never empty and in order; line breaks inside a paragraph do not end one. */
export function splitSentences(text: string): TextSpan[] {
  const sentences: TextSpan[] = [];
  for (const paragraph of splitParagraphs(text)) appendSentences(text, paragraph, sentences);
  return sentences;
}

function appendSentences(text: string, paragraph: TextSpan, sentences: TextSpan[]): void {
  let open: number | null = null;
  for (const { segment, index } of segmenter.segment(text.slice(paragraph.start, paragraph.end))) {
    const start: number = open ?? paragraph.start + index;
    const end = paragraph.start + index + segment.length;
    // The segmenter ends a sentence at every line break; only a blank line or a terminator really does.
    if (end < paragraph.end && (isWrapped(segment) || ABBREVIATION.test(text.slice(Math.max(start, end - 12), end)))) {
      open = start;
      continue;
    }
    open = null;
    pushTrimmed(text, start, end, sentences);
  }
  if (open !== null) pushTrimmed(text, open, paragraph.end, sentences);
}

function isWrapped(segment: string): boolean {
  const words = segment.trimEnd();
  return /[\r\n]/.test(segment.slice(words.length)) && !TERMINATED.test(words.slice(-8));
}

// Blank lines, list items and headings end a sentence whatever stands before them; very long runs are cut to bound work.
function splitParagraphs(text: string): TextSpan[] {
  const paragraphs: TextSpan[] = [];
  let start = 0;
  for (const match of text.matchAll(
    /\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*+\u2022]|\d{1,3}[.)]|#{1,6}|\|)[ \t|])|\n(?<=^#{1,6} [^\n]*\n)/gmu,
  )) {
    pushBounded(paragraphs, start, match.index);
    start = match.index + match[0].length;
  }
  pushBounded(paragraphs, start, text.length);
  return paragraphs;
}

function pushBounded(spans: TextSpan[], start: number, end: number): void {
  for (let from = start; from < end; from += MAX_SEGMENTED_CHARACTERS) {
    spans.push({ start: from, end: Math.min(end, from + MAX_SEGMENTED_CHARACTERS) });
  }
}

function pushTrimmed(text: string, start: number, end: number, sentences: TextSpan[]): void {
  const segment = text.slice(start, end);
  const leading = LEADING.exec(segment)?.[0].length ?? 0;
  const length = segment.slice(leading).trimEnd().length;
  if (length > 0) sentences.push({ start: start + leading, end: start + leading + length });
}

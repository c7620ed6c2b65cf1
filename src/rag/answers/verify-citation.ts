import { splitSentences, type TextSpan } from '../../core/text/split-sentences.js';
import { splitWords } from '../../core/text/split-words.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import type { CitationMarker } from './citation-processor.js';

/** A marker of an answer together with the passage it points to. */
export interface VerifiedCitation {
  n: number;
  /** The cited statement with its marker: UTF-16 offsets into the answer. */
  answerStart: number;
  answerEnd: number;
  sourceId: string;
  documentId: string;
  /** The passage of the source that fits the statement best: exactly `documentText.slice(start, end)`. */
  quote: string;
  start: number;
  end: number;
  /** Whether the words and numbers of the statement stand in the source. */
  isSupported: boolean;
}

const SUPPORTED_SHARE = 0.5;
const STEM_LENGTH = 5;
const MARKER_AT_END = /\[\d{1,3}\]$/u;

// No statement is longer, and an answer may have very many markers.
const MAX_STATEMENT = 2_000;

/** A source with its sentences and terms, which are the same for every marker that cites it. */
export interface ReadSource {
  source: RetrievedChunk;
  terms: ReadonlySet<string>;
  sentences: { span: TextSpan; terms: ReadonlySet<string> }[];
}

/** Reads a source for `verifyCitation`. */
export function readSource(source: RetrievedChunk): ReadSource {
  const sentences = splitSentences(source.text).map((span) => ({
    span,
    terms: contentTerms(source.text.slice(span.start, span.end)),
  }));
  return { source, terms: contentTerms(`${source.title ?? ''}\n${source.text}`), sentences };
}

/** Finds out what a marker cites: the statement before it, the passage in its source, and whether the one holds the other. */
export function verifyCitation(answer: string, marker: CitationMarker, read: ReadSource): VerifiedCitation {
  const { source } = read;
  const statement = statementBefore(answer, marker.start);
  const terms = contentTerms(answer.slice(statement.start, statement.end));
  const quote = bestPassage(read, terms);
  return {
    n: marker.n,
    answerStart: statement.start,
    answerEnd: marker.end,
    sourceId: source.id,
    documentId: source.documentId,
    quote: source.text.slice(quote.start, quote.end),
    start: source.start + quote.start,
    end: source.start + quote.end,
    isSupported: isSupported(terms, read.terms),
  };
}

/** The sentence that ends at a marker, without markers at its end; several markers in a row share it. */
export function statementBefore(answer: string, markerStart: number): TextSpan {
  const from = Math.max(0, markerStart - MAX_STATEMENT);
  const before = dropMarkers(answer.slice(from, markerStart));
  const end = from + before.length;
  // The sentence's own full stop may stand before the marker.
  const body = before.slice(
    0,
    before.length - (/[.!?\u2026\u3002\uff01\uff1f"'\u201d\u2019)\]]{1,8}$/u.exec(before.slice(-8))?.[0].length ?? 0),
  );
  let start = /^[\uDC00-\uDFFF]/.test(before) ? 1 : 0;
  for (const match of body.matchAll(
    /\[\d{1,3}\][.!?]?\s*|[.!?\u2026]["'\u201d\u2019)]*\s+|[\u3002\uff01\uff1f]|\n+/gu,
  )) {
    start = match.index + match[0].length;
  }
  const leading = before.slice(start).length - before.slice(start).trimStart().length;
  return { start: Math.min(from + start + leading, end), end };
}

// Step by step from the end: one pattern for all of it would try every run of white space from each of its characters.
function dropMarkers(text: string): string {
  let kept = text.trimEnd();
  for (let marker = MARKER_AT_END.exec(kept.slice(-5)); marker; marker = MARKER_AT_END.exec(kept.slice(-5))) {
    kept = kept.slice(0, kept.length - marker[0].length).trimEnd();
  }
  return kept;
}

function bestPassage({ source, sentences }: ReadSource, terms: ReadonlySet<string>): TextSpan {
  let best: { span: TextSpan; score: number } = { span: { start: 0, end: source.text.length }, score: 0 };
  for (const { span, terms: words } of sentences) {
    const shared = countShared(terms, words);
    if (shared === 0) continue;
    // Of two sentences that share as much the one that says less besides is the better quote.
    const score = shared / terms.size + 0.25 * (shared / words.size);
    if (score > best.score) best = { span, score };
  }
  return best.span;
}

function isSupported(terms: ReadonlySet<string>, held: ReadonlySet<string>): boolean {
  if (terms.size === 0) return false;
  for (const term of terms) if (/\d/u.test(term) && !held.has(term)) return false;
  return countShared(terms, held) / terms.size >= SUPPORTED_SHARE;
}

function countShared(terms: ReadonlySet<string>, held: ReadonlySet<string>): number {
  let shared = 0;
  for (const term of terms) if (held.has(term)) shared += 1;
  return shared;
}

// Short words say little and endings differ; numbers must be exact.
function contentTerms(text: string): Set<string> {
  const terms = new Set<string>();
  for (const word of splitWords(text)) {
    if (/\d/u.test(word) || !/^[\p{Script=Latin}\p{M}]{1,3}$/u.test(word))
      terms.add(/\d/u.test(word) ? word : word.slice(0, STEM_LENGTH));
  }
  return terms;
}

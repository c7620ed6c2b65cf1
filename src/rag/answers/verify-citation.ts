import { splitSentences, type TextSpan } from '../../core/text/split-sentences.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import type { CitationMarker } from './citation-processor.js';
import type { PageFinder } from './source-pages.service.js';
import { readFacts, type StatementFacts } from './statement-facts.js';

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
  /** Page that the passage begins on, from 1; null for formats without pages. */
  page: number | null;
  /** Whether the words, names and numbers of the statement stand in the source, and the passage does not deny them. */
  isSupported: boolean;
}

const SUPPORTED_SHARE = 0.5;
const NAMED_SHARE = 0.66;
const MARKER_AT_END = /\[\d{1,3}\]$/u;

// No statement is longer, and an answer may have very many markers.
const MAX_STATEMENT = 2_000;

/** A source with its sentences and what they claim, which is the same for every marker that cites it. */
export interface ReadSource {
  source: RetrievedChunk;
  facts: StatementFacts;
  sentences: Passage[];
}

interface Passage {
  span: TextSpan;
  facts: StatementFacts;
}

/** Reads a source for `verifyCitation`. */
export function readSource(source: RetrievedChunk): ReadSource {
  const sentences = splitSentences(source.text).map((span) => ({
    span,
    facts: readFacts(source.text.slice(span.start, span.end)),
  }));
  return { source, facts: readFacts(`${source.title ?? ''}\n${source.text}`), sentences };
}

/** Finds out what a marker cites: the statement before it, the passage in its source, and whether the one holds the other. */
export function verifyCitation(
  answer: string,
  marker: CitationMarker,
  read: ReadSource,
  findPage: PageFinder = (source) => source.page,
): VerifiedCitation {
  const { source } = read;
  const statement = statementBefore(answer, marker.start);
  const claimed = readFacts(answer.slice(statement.start, statement.end));
  const passage = bestPassage(read, claimed);
  const quote = passage?.span ?? { start: 0, end: source.text.length };
  return {
    n: marker.n,
    answerStart: statement.start,
    answerEnd: marker.end,
    sourceId: source.id,
    documentId: source.documentId,
    quote: source.text.slice(quote.start, quote.end),
    start: source.start + quote.start,
    end: source.start + quote.end,
    page: findPage(source, source.start + quote.start),
    isSupported: isSupported(claimed, read.facts, passage),
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

// Numbers tell passages apart better than words do, so they count as much.
function bestPassage({ sentences }: ReadSource, claimed: StatementFacts): Passage | null {
  let best: { passage: Passage | null; score: number } = { passage: null, score: 0 };
  for (const passage of sentences) {
    const { terms, numbers } = passage.facts;
    const shared = countShared(claimed.terms, terms) + countShared(claimed.numbers, numbers);
    if (shared === 0) continue;
    // Of two sentences that share as much the one that says less besides is the better quote.
    const score = shared / (claimed.terms.size + claimed.numbers.size) + 0.25 * (shared / (terms.size + numbers.size));
    if (score > best.score) best = { passage, score };
  }
  return best.passage;
}

function isSupported(claimed: StatementFacts, held: StatementFacts, passage: Passage | null): boolean {
  const { terms, numbers, names } = claimed;
  if (passage === null || (terms.size === 0 && numbers.size === 0)) return false;
  if (countShared(numbers, held.numbers) < numbers.size) return false;
  if (countShared(names, held.words) < names.size * NAMED_SHARE) return false;
  if (contradicts(claimed, passage.facts)) return false;
  return terms.size === 0 || countShared(terms, held.terms) / terms.size >= SUPPORTED_SHARE;
}

// What the one denies and the other says without denying it.
function contradicts(claimed: StatementFacts, passage: StatementFacts): boolean {
  return denies(claimed, passage) || denies(passage, claimed);
}

function denies(one: StatementFacts, other: StatementFacts): boolean {
  for (const term of one.denied) if (other.terms.has(term) && !other.denied.has(term)) return true;
  return false;
}

function countShared(terms: ReadonlySet<string>, held: ReadonlySet<string>): number {
  let shared = 0;
  for (const term of terms) if (held.has(term)) shared += 1;
  return shared;
}

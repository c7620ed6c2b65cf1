import type { RetrievedChunk } from '../store/load-chunks.js';
import type { VerifiedCitation } from './verify-citation.js';

/** What a question found, before anything is answered. */
export interface AnswerBasis {
  /** What was searched for. */
  queries: readonly string[];
  tookMs: number;
  /** How likely it is that the documents answer, 0..1. */
  confidence: number;
  /** Numbered from 1 in this order. */
  sources: RetrievedChunk[];
}

/** How an answer ended. */
export interface AnswerEnd {
  answer: string;
  /** Why it is no answer: the documents hold none, or the model refused or said nothing; null when it is one. */
  reason: 'no_relevant_context' | 'no_answer' | null;
  citations: VerifiedCitation[];
  /** Who answered; null when no model was asked. */
  answeredBy: { provider: string; model: string } | null;
}

/** One step of an answer: text as it comes, then its citations, then its end. */
export type AnswerEvent =
  { type: 'delta'; text: string } | { type: 'citation'; citation: VerifiedCitation } | { type: 'done'; end: AnswerEnd };

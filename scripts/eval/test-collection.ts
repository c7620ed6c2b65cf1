import type { Relevance } from '../../src/rag/evaluation/ranking-metrics.js';

export interface CorpusDocument {
  id: string;
  title: string;
  text: string;
  /** Documents of one group speak of one subject, e.g. the paragraphs of an article. */
  group: string;
}

export interface JudgedQuery {
  id: string;
  text: string;
  relevance: Relevance;
}

/** A passage of a document, as UTF-16 offsets into its text, half-open. */
export interface GoldSpan {
  document: string;
  start: number;
  end: number;
}

/** A question with the passages that answer it. */
export interface SpanQuestion {
  text: string;
  spans: GoldSpan[];
}

/** What can be measured on some documents; whatever a collection does not come with is empty. */
export interface TestCollection {
  name: string;
  documents: CorpusDocument[];
  /** For rankings of documents. */
  queries: JudgedQuery[];
  /** For the passages that a search must find: several, anywhere in long documents. */
  passages: SpanQuestion[];
  /** For the answers that a question must get: one short span in one document. */
  answers: SpanQuestion[];
}

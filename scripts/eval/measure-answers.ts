import { type ApiClient, mapConcurrently } from '../support/api-client.js';
import { areaUnderCurve } from './area-under-curve.js';
import { indexDocuments, type IndexedCollection } from './index-documents.js';
import { toSpans } from './measure-passages.js';
import { isWithin } from './span-coverage.js';
import type { SpanQuestion, TestCollection } from './test-collection.js';

/** What the answers to questions with one known passage were worth. */
export interface AnswerReport {
  questions: number;
  /** Share of the questions one of whose sources holds the passage. */
  inSources: number;
  /** Share of those one of whose quotes holds it. */
  inQuotes: number;
  /** Share of the citations whose statement was found to stand in its source. */
  supported: number;
  /** Share of the questions that were answered when the documents say something about their subject. */
  answered: number;
  /** Share of those that were refused when the documents say nothing about it. */
  refused: number;
  /** How well the confidence that comes with an answer tells the two apart. */
  noAnswerAuc: number;
}

interface Passage {
  document_id: string;
  start: number;
  end: number;
}

interface QueryReply {
  answered: boolean;
  confidence: number;
  sources: Passage[];
  citations: (Passage & { quote: string; supported: boolean })[];
}

const CONCURRENCY = 4;

/**
 * Asks every question of all documents for its answer; then of each half of the subjects, one of which holds the subject
 * of the question and the other does not. Throws when a quote is not what its offsets cut.
 */
export async function measureAnswers(
  api: ApiClient,
  whole: IndexedCollection,
  data: TestCollection,
  options: { model?: string; questions: readonly SpanQuestion[] },
): Promise<AnswerReport> {
  const { model, questions } = options;
  const replies = await mapConcurrently(questions, CONCURRENCY, (question) => ask(api, whole, question, model));
  const citations = replies.flatMap((reply) => reply.citations);
  const known: QueryReply[] = [];
  const unknown: QueryReply[] = [];
  for (const [half, isMember] of splitSubjects(data).entries()) {
    const documents = data.documents.filter((document) => isMember.has(document.id));
    const collection = await indexDocuments(api, documents, { name: `${whole.name}-half-${String(half)}` });
    await mapConcurrently(questions, CONCURRENCY, async (question) => {
      const isKnown = question.spans.some((span) => isMember.has(span.document));
      (isKnown ? known : unknown).push(await ask(api, collection, question, model));
    });
  }
  return {
    questions: questions.length,
    inSources: share(replies, (reply, index) => holds(whole, reply.sources, questions[index])),
    inQuotes: share(replies, (reply, index) => holds(whole, reply.citations, questions[index])),
    supported: share(citations, (citation) => citation.supported),
    answered: share(known, (reply) => reply.answered),
    refused: share(unknown, (reply) => !reply.answered),
    noAnswerAuc: areaUnderCurve(known.map(confidenceOf), unknown.map(confidenceOf)),
  };
}

async function ask(
  api: ApiClient,
  collection: IndexedCollection,
  question: SpanQuestion,
  model: string | undefined,
): Promise<QueryReply> {
  const body = { question: question.text, collection: collection.name, ...(model !== undefined && { model }) };
  const reply = await api.post<QueryReply>('/v1/query', body);
  for (const citation of reply.citations) {
    const [span] = toSpans(collection, [citation]);
    const text = collection.documents.find((document) => document.id === span?.document)?.text ?? '';
    if (text.slice(citation.start, citation.end) === citation.quote) continue;
    throw new Error(`A citation in the answer to ${JSON.stringify(question.text)} is not what its offsets cut.`);
  }
  return reply;
}

// A server that tells no confidence has only its decision to be judged by.
function confidenceOf(reply: QueryReply): number {
  const { confidence } = reply as Partial<QueryReply>;
  return confidence ?? Number(reply.answered);
}

/** The documents of every other subject, and the rest. */
function splitSubjects(data: TestCollection): ReadonlySet<string>[] {
  const subjects = new Map(
    [...new Set(data.documents.map((document) => document.group))].map((group, index) => [group, index % 2]),
  );
  return [0, 1].map(
    (half) => new Set(data.documents.filter((document) => subjects.get(document.group) === half).map(({ id }) => id)),
  );
}

function holds(collection: IndexedCollection, found: readonly Passage[], question: SpanQuestion | undefined): boolean {
  const spans = toSpans(collection, found);
  return question?.spans.some((span) => isWithin(span, spans)) ?? false;
}

function share<Item>(items: readonly Item[], holdsFor: (item: Item, index: number) => boolean): number {
  return items.length === 0 ? 0 : items.filter(holdsFor).length / items.length;
}

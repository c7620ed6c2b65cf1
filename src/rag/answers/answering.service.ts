import { Injectable } from '@nestjs/common';
import { ChatService } from '../../chat/chat.service.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { NO_ANSWER_TEXT, saysNoAnswer } from '../../core/chat/no-answer-text.js';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { CollectionsService } from '../collections/collections.service.js';
import { isLexicalEmbedder } from '../retrieval/fusion-weights.js';
import { RetrievalService } from '../retrieval/retrieval.service.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import type { AnswerBasis, AnswerEnd, AnswerEvent } from './answer-event.js';
import { assemblePrompt, type HistoryTurn } from './assemble-prompt.js';
import { CitationProcessor } from './citation-processor.js';
import { hasRelevantContext } from './judge-context.js';
import type { QueryRequestDto } from './query.dto.js';
import { readSource, verifyCitation, type ReadSource, type VerifiedCitation } from './verify-citation.js';

/** A question whose sources are found; `events` begins to answer it. */
export interface PreparedAnswer {
  basis: AnswerBasis;
  events: AsyncIterable<AnswerEvent>;
}

const DEFAULT_SOURCES = 5;
// A request that is refused outright (an unknown model, a spent budget) is refused at once: waited for before a stream begins.
const REFUSAL_MS = 25;

/** Answers questions from the documents of a collection, with citations that are checked. */
@Injectable()
export class AnsweringService {
  constructor(
    private readonly collections: CollectionsService,
    private readonly retrieval: RetrievalService,
    private readonly chat: ChatService,
    private readonly clock: Clock,
  ) {}

  /**
   * Finds the sources and sends the question on. Failures of the provider come from the events; what is wrong with the
   * request itself rejects here.
   */
  async prepare(request: QueryRequestDto, call: CallContext, stream: boolean): Promise<PreparedAnswer> {
    const startedAt = this.clock.monotonic();
    const collection = await this.collections.require(call.principal.projectId, request.collection);
    const history = request.history ?? [];
    const { weighted, shown } = effectiveQueries(request.question, history);
    const options = { limit: request.max_results ?? DEFAULT_SOURCES, mode: 'hybrid', withCoverage: true } as const;
    const { hits, coverage } = await this.retrieval.retrieve(collection, weighted, options, call);
    const basis = { queries: shown, tookMs: Math.round(this.clock.monotonic() - startedAt), sources: hits };
    if (
      !hasRelevantContext({
        coverage: coverage ?? 0,
        hits,
        isLexical: isLexicalEmbedder(collection.embeddingTarget ?? collection.embeddingModel),
      })
    ) {
      // Nothing was asked, so nothing was spent; what was asked and has no price stays unknown.
      if (call.attempts.length === 0) call.costUsd ??= '0.0000000000';
      // What was found has nothing to do with the question: it is no source of anything.
      return { basis: { ...basis, sources: [] }, events: refuse() };
    }
    const prompt = assemblePrompt({
      model: request.model ?? '',
      question: request.question,
      sources: hits,
      history,
      instructions: request.instructions ?? null,
      stream,
    });
    const admitted = new Promise<void>((resolve) => {
      call.onAdmitted = resolve;
    });
    const events = this.chat.answer(prompt, call);
    await this.#rejectIfRefused(events, admitted);
    return { basis, events: cite(events, hits, call) };
  }

  async #rejectIfRefused(events: Promise<AsyncIterable<ChatEvent>>, admitted: Promise<void>): Promise<void> {
    let cancel = (): void => undefined;
    // Limits and budgets may have to be asked far away; the provider has its own time.
    const patience = admitted.then(
      () =>
        new Promise<void>((resolve) => {
          cancel = this.clock.schedule(resolve, REFUSAL_MS);
        }),
    );
    // Upstream failures keep their place in the stream; the caller meets them there.
    const refusal = events.then(
      () => undefined,
      (error: unknown) => {
        if (isRefusal(error)) throw error;
      },
    );
    try {
      await Promise.race([refusal, patience]);
    } finally {
      cancel();
      refusal.catch(() => undefined);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.category !== 'upstream' && error.category !== 'server';
}

// Without a model that rewrites it, a follow-up is searched with the turn before it, and counts double.
function effectiveQueries(question: string, history: readonly HistoryTurn[]): { weighted: string[]; shown: string[] } {
  const previous = history
    .findLast((turn) => turn.role === 'user')
    ?.content.slice(0, 2_000)
    .toWellFormed();
  if (previous === undefined) return { weighted: [question], shown: [question] };
  return { weighted: [question, question, previous], shown: [question, previous] };
}

async function* refuse(): AsyncGenerator<AnswerEvent> {
  await Promise.resolve();
  yield { type: 'delta', text: NO_ANSWER_TEXT };
  yield {
    type: 'done',
    end: { answer: NO_ANSWER_TEXT, reason: 'no_relevant_context', citations: [], answeredBy: null },
  };
}

async function* cite(
  events: Promise<AsyncIterable<ChatEvent>>,
  sources: readonly RetrievedChunk[],
  call: CallContext,
): AsyncGenerator<AnswerEvent> {
  const processor = new CitationProcessor(sources.length);
  let isRefused = false;
  for await (const event of await events) {
    if (!isText(event)) continue;
    isRefused ||= event.type === 'refusal-delta' && event.text !== '';
    const text = processor.push(event.text);
    if (text !== '') yield { type: 'delta', text };
  }
  const rest = processor.flush();
  if (rest !== '') yield { type: 'delta', text: rest };
  const citations = verifyAll(processor, sources);
  for (const citation of citations) yield { type: 'citation', citation };
  const answer = processor.answer;
  const reason = isRefused ? 'no_answer' : reasonOf(answer);
  yield { type: 'done', end: { answer, reason, citations, answeredBy: call.answeredBy } };
}

// A refusal is what the model has to say, so it goes out as text does.
function isText(event: ChatEvent): event is Extract<ChatEvent, { type: 'text-delta' | 'refusal-delta' }> {
  return (event.type === 'text-delta' || event.type === 'refusal-delta') && event.choice === 0;
}

// A model that finds nothing in its sources says so in the words it was given.
function reasonOf(answer: string): AnswerEnd['reason'] {
  if (answer.trim() === '') return 'no_answer';
  return saysNoAnswer(answer) ? 'no_relevant_context' : null;
}

function verifyAll(processor: CitationProcessor, sources: readonly RetrievedChunk[]): VerifiedCitation[] {
  const { answer, markers } = processor;
  const read = new Map<number, ReadSource>();
  return markers.flatMap((marker) => {
    const source = sources[marker.n - 1];
    if (!source) return [];
    const known = read.get(marker.n) ?? readSource(source);
    read.set(marker.n, known);
    return [verifyCitation(answer, marker, known)];
  });
}

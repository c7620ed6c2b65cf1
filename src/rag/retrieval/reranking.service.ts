import { Injectable } from '@nestjs/common';
import { ChatService } from '../../chat/chat.service.js';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { Clock } from '../../core/clock.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { TooLateError, within } from '../../core/within.js';
import { isProviderFailure, RerankService } from '../../media/rerank.service.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { readRanking, readReply, toRankingRequest } from './rank-by-chat.js';
import type { RerankSettings } from './retrieval-options.js';

/** Who judges anew, and how many candidates. */
export interface Reranker {
  readonly model: string;
  readonly candidates: number;
  /** False for a chat model. */
  readonly isMadeForIt: boolean;
}

const CANDIDATES = 50;
/** A chat model reads all of them in one prompt. */
const CHAT_CANDIDATES = 20;
/** As long as models that are made for it may take: a chat model has minutes otherwise. */
const CHAT_MS = 10_000;

/** Judges candidates anew by a model that reads query and chunk together; without it they stay in their order. */
@Injectable()
export class RerankingService {
  constructor(
    private readonly gateway: GatewayConfig,
    private readonly rerank: RerankService,
    private readonly chat: ChatService,
    private readonly clock: Clock,
  ) {}

  /** Who is asked. Throws `invalid_value` when no model is named anywhere, and `model_not_found`. */
  choose(settings: RerankSettings): Reranker {
    const model = settings.model ?? this.gateway.defaults.rerank;
    if (model === undefined) {
      throw new InvalidRequestError(
        'invalid_value',
        '`rerank` needs a model: name one as `rerank.model`, or have the operator set `defaults.rerank`.',
        { param: 'rerank' },
      );
    }
    const isMadeForIt = this.rerank.isReranker(model);
    return { model, isMadeForIt, candidates: settings.candidates ?? (isMadeForIt ? CANDIDATES : CHAT_CANDIDATES) };
  }

  /**
   * The hits in the order of their new scores, which are 0..1. Where no model could judge them they come back as they were,
   * null, and the call has a warning. Rejects with what refuses the request, such as a budget.
   */
  async judge(
    reranker: Reranker,
    query: string,
    hits: readonly RetrievedChunk[],
    call: CallContext,
  ): Promise<RetrievedChunk[] | null> {
    if (hits.length === 0) return [];
    const texts = hits.map(({ title, text }) => (title === null ? text : `${title}\n\n${text}`));
    const scores = await this.#score(reranker, query, texts, call);
    if (scores instanceof AppError) {
      call.warnings.push(`The results were not reranked: ${scores.message}`);
      return null;
    }
    return hits
      .map((hit, index) => ({ hit: { ...hit, score: scores[index] ?? 0 }, index }))
      .sort((left, right) => right.hit.score - left.hit.score || left.index - right.index)
      .map(({ hit }) => hit);
  }

  async #score(
    { model, isMadeForIt }: Reranker,
    query: string,
    documents: readonly string[],
    call: CallContext,
  ): Promise<readonly number[] | AppError> {
    if (isMadeForIt) {
      const result = await this.rerank.rerank({ model, query, documents }, call);
      return result instanceof AppError ? result : result.scores;
    }
    try {
      const reply = await this.#ask(toRankingRequest(model, query, documents), call);
      return readRanking(reply, documents.length) ?? new AppError('malformed_response', 'The model named no passages.');
    } catch (error) {
      if (error instanceof TooLateError) return new AppError('upstream_timeout', 'The model took too long.');
      if (isProviderFailure(error)) return error;
      throw error;
    }
  }

  async #ask(request: ChatRequest, call: CallContext): Promise<string> {
    const stop = { isTooLate: false };
    const read = async (): Promise<string> => readReply(await this.chat.answer(request, call), stop);
    try {
      return await within(read(), CHAT_MS, this.clock);
    } finally {
      stop.isTooLate = true;
    }
  }
}

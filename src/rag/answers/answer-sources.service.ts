import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { CollectionsService } from '../collections/collections.service.js';
import { isLexicalEmbedder } from '../retrieval/fusion-weights.js';
import { RetrievalService } from '../retrieval/retrieval.service.js';
import { toRestrictions } from '../retrieval/to-retrieval-options.js';
import type { AnswerBasis } from './answer-event.js';
import { FollowUps } from './follow-ups.service.js';
import { COMPARED_HITS, DEFAULT_MIN_CONFIDENCE, judgeConfidence } from './judge-confidence.js';
import type { QueryRequestDto } from './query.dto.js';

/** What the documents have to say about a question. */
export interface FoundSources {
  basis: AnswerBasis;
  /** False when it is not worth asking a model. */
  isRelevant: boolean;
}

const DEFAULT_SOURCES = 5;

/** Finds the sources of an answer and judges whether they can hold one. */
@Injectable()
export class AnswerSources {
  readonly #minConfidence: number;

  constructor(
    private readonly collections: CollectionsService,
    private readonly followUps: FollowUps,
    private readonly retrieval: RetrievalService,
    private readonly clock: Clock,
    gateway: GatewayConfig,
  ) {
    this.#minConfidence = gateway.answers.minConfidence ?? DEFAULT_MIN_CONFIDENCE;
  }

  /** Rejects with what the retrieval throws, and `collection_not_found`. */
  async find(request: QueryRequestDto, call: CallContext): Promise<FoundSources> {
    const startedAt = this.clock.monotonic();
    const restrictions = toRestrictions(request);
    const collection = await this.collections.require(call.principal.projectId, request.collection);
    const turn = { question: request.question, history: request.history ?? [], model: request.model ?? '' };
    const { weighted, shown } = await this.followUps.queriesFor(turn, call);
    const wanted = request.max_results ?? DEFAULT_SOURCES;
    // How much the best hit stands out is seen only beside others.
    const options = {
      ...restrictions,
      limit: Math.max(wanted, COMPARED_HITS),
      mode: 'hybrid',
      withCoverage: true,
    } as const;
    const { hits, coverage } = await this.retrieval.retrieve(collection, weighted, options, call);
    const confidence = judgeConfidence({
      coverage: coverage ?? 0,
      hits,
      isLexical: isLexicalEmbedder(collection.embeddingTarget ?? collection.embeddingModel),
    });
    const isRelevant = hits.length > 0 && confidence >= this.#minConfidence;
    const tookMs = Math.round(this.clock.monotonic() - startedAt);
    // What was found has nothing to do with the question otherwise: it is no source of anything.
    return {
      isRelevant,
      basis: { queries: shown, tookMs, confidence, sources: isRelevant ? hits.slice(0, wanted) : [] },
    };
  }
}

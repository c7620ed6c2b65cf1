import { Injectable } from '@nestjs/common';
import { GatewayConfig, type SemanticCacheConfig } from '../../config/gateway-config.js';
import type { CallContext, Surface } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { type CacheOutcome, Telemetry } from '../../core/telemetry/telemetry.js';
import { toAbortError } from '../../providers/to-app-error.js';
import type { AnswerChat, ChatLayer } from '../chat-layer.js';
import { QuestionScopes } from './question-scopes.service.js';
import { SemanticAnswers } from './semantic-answers.service.js';
import { SemanticLookup } from './semantic-lookup.service.js';
import { semanticTermsOf, type SemanticTerms } from './semantic-terms.js';

/** Calls that ask what their user asked; the others write prompts around it. */
const SURFACES: ReadonlySet<Surface> = new Set<Surface>(['openai', 'anthropic', 'native']);

/**
 * Gives a request the answer that an earlier question of its project got when the new one means the same and everything
 * else is equal, where the model or the request wants that. Whatever goes wrong with it, the model is asked.
 */
@Injectable()
export class SemanticCacheLayer implements ChatLayer {
  readonly #usual: SemanticCacheConfig;
  readonly #models: ReadonlyMap<string, SemanticCacheConfig>;

  constructor(
    gateway: GatewayConfig,
    private readonly scopes: QuestionScopes,
    private readonly lookup: SemanticLookup,
    private readonly answers: SemanticAnswers,
    private readonly telemetry: Telemetry,
  ) {
    this.#usual = gateway.caches.semantic;
    this.#models = new Map(
      gateway.models.flatMap(({ name, semanticCache }) => (semanticCache ? [[name, semanticCache] as const] : [])),
    );
  }

  answer(request: ChatRequest, call: CallContext, next: AnswerChat): Promise<AsyncIterable<ChatEvent>> | null {
    const terms = semanticTermsOf(this.#models.get(request.model) ?? this.#usual, call.cacheWish);
    // What a feature asks on its way is its own prompt, with a document or a history in the place of a question.
    if (!terms || call.hasSteps || !SURFACES.has(call.surface)) return null;
    return this.#answer(request, call, next, terms);
  }

  async #answer(
    request: ChatRequest,
    call: CallContext,
    next: AnswerChat,
    { canRead, canStore, ttlMs, threshold, wording }: SemanticTerms,
  ): Promise<AsyncIterable<ChatEvent>> {
    const scoped = this.scopes.find(request, call);
    if (!scoped) return next(request, call);
    const { asked } = scoped;
    const wanted = { asked, canRead, maxAgeMs: ttlMs, threshold, wording: wording ?? scoped.wording };
    const found = await this.#find(wanted, call);
    if (call.signal.aborted) throw toAbortError(call);
    if (found?.answer) {
      this.telemetry.cacheUsed({ cache: 'semantic', outcome: 'hit' });
      return this.answers.replay({ answer: found.answer, similarity: found.similarity }, request, call);
    }
    this.#note(call, canRead && found ? 'miss' : 'bypass');
    const vector = found?.vector ?? null;
    const isKept = canStore && vector !== null;
    return (isKept ? this.answers.keeping(asked, vector, ttlMs, next) : next)(request, call);
  }

  #find(wanted: Parameters<SemanticLookup['find']>[0], call: CallContext): ReturnType<SemanticLookup['find']> {
    if (!call.trace) return this.lookup.find(wanted, call);
    return call.trace.part('cache_lookup semantic', {}, () => this.lookup.find(wanted, call));
  }

  #note(call: CallContext, outcome: CacheOutcome): void {
    // What the exact cache said stays when this one was not asked.
    if (outcome === 'miss' || call.cacheStatus === null) call.cacheStatus = outcome === 'miss' ? 'miss' : 'bypass';
    this.telemetry.cacheUsed({ cache: 'semantic', outcome });
  }
}

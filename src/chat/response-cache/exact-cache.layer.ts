import { Injectable } from '@nestjs/common';
import { type CacheTerms, ExactCacheTerms } from '../../cache/cache-terms.js';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { type CacheOutcome, Telemetry } from '../../core/telemetry/telemetry.js';
import { toAbortError } from '../../providers/to-app-error.js';
import type { AnswerChat, ChatLayer } from '../chat-layer.js';
import type { CacheWish } from '../../core/cache-wish.js';
import { SharedAnswers } from '../shared-answers.service.js';
import { ExactAnswers } from './exact-answers.service.js';

/**
 * Gives a request the answer that the same one got before, where the model or the request wants that; those that come while
 * the first one is under way read along.
 */
@Injectable()
export class ExactCacheLayer implements ChatLayer {
  readonly #terms: ExactCacheTerms;

  constructor(
    gateway: GatewayConfig,
    private readonly answers: ExactAnswers,
    private readonly shared: SharedAnswers,
    private readonly telemetry: Telemetry,
  ) {
    this.#terms = new ExactCacheTerms(gateway);
  }

  answer(request: ChatRequest, call: CallContext, next: AnswerChat): Promise<AsyncIterable<ChatEvent>> | null {
    const terms = this.#terms.of(request.model, call.cacheWish);
    return terms && this.#answer(request, call, next, terms);
  }

  async #answer(
    request: ChatRequest,
    call: CallContext,
    next: AnswerChat,
    terms: CacheTerms,
  ): Promise<AsyncIterable<ChatEvent>> {
    const key = this.answers.keyOf(request, call);
    const send = terms.canStore ? this.answers.keeping(key, terms.ttlMs, next) : next;
    if (!terms.canRead) {
      this.#note(call, 'bypass');
      return send(request, call);
    }
    const kept = await (call.trace
      ? call.trace.part('cache_lookup exact', {}, () => this.answers.find(key, terms.ttlMs))
      : this.answers.find(key, terms.ttlMs));
    if (call.signal.aborted) throw toAbortError(call);
    if (kept) {
      this.#note(call, 'hit');
      return this.answers.replay(kept, request, call);
    }
    const mayShare = this.shared.canShare(call);
    const name = this.shared.nameOf(key.name, request, call) + shareOf(call.cacheWish);
    this.#note(call, mayShare && this.shared.isUnderWay(name) ? 'shared' : 'miss');
    return mayShare ? this.shared.share(name, request, call, send) : send(request, call);
  }

  #note(call: CallContext, outcome: CacheOutcome): void {
    // Whoever in the end reads along is told so: it may still be sent itself, when the one before it is not let through.
    call.cacheStatus = outcome === 'shared' ? 'miss' : outcome;
    this.telemetry.cacheUsed({ cache: 'exact', outcome });
  }
}

// The one that is sent may get its answer by meaning, or an old one, as its own wish says: those who wish otherwise do not follow.
function shareOf(wish: CacheWish | null): string {
  return wish === null ? '' : `/${String(wish.semantic)}/${String(wish.ttlMs)}`;
}

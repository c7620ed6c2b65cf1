import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { PriceBook } from '../pricing/price-book.js';
import { type Candidate, Candidates } from './candidates.js';
import { limitOutput } from './limit-output.js';
import type { MediaOrder } from './media-order.js';
import { boundChat, boundEmbeddings, boundMedia, countWritten } from './upper-bound.js';

/** What a request can use and cost at most, wherever it is sent. */
@Injectable()
export class UpperBounds {
  readonly #defaultTokens: number;

  constructor(
    private readonly candidates: Candidates,
    private readonly prices: PriceBook,
    gateway: GatewayConfig,
  ) {
    this.#defaultTokens = gateway.budgets.defaultOutputTokens;
  }

  /** The request as it goes out under a budget: with an output limit, which no model exceeds. */
  limit(request: ChatRequest, candidates: readonly Candidate[], call: CallContext): ChatRequest {
    const maxima = this.#maximaOf(candidates);
    return limitOutput(request, maxima, this.#defaultTokens, (message) => call.warnings.push(message));
  }

  /** Tokens of all answers together. */
  outputTokens(request: ChatRequest, candidates: readonly Candidate[]): number {
    const { maxOutputTokens } = request;
    if (maxOutputTokens !== undefined) return maxOutputTokens * countWritten(request);
    const known = this.#maximaOf(candidates).filter((tokens) => tokens !== null);
    return Math.min(this.#defaultTokens, ...known) * countWritten(request);
  }

  /** USD, for one attempt at a request that has an output limit. */
  ofChat(request: ChatRequest, promptTokens: number, candidates: readonly Candidate[]): string {
    const { maxOutputTokens = this.#defaultTokens } = request;
    const chat = { request: { ...request, maxOutputTokens }, promptTokens };
    return boundChat(chat, candidates, (candidate) => this.candidates.sizesOf(candidate), this.prices);
  }

  /** USD, for one attempt. */
  ofEmbeddings(promptTokens: number, candidates: readonly Candidate[]): string {
    return boundEmbeddings(promptTokens, candidates, this.prices);
  }

  /** USD, for one attempt. */
  ofMedia(order: MediaOrder, candidates: readonly Candidate[]): string {
    return boundMedia(order, candidates, this.prices);
  }

  /** Whether what was used has a known price at the target. */
  isPriced({ provider, model }: Pick<Candidate, 'provider' | 'model'>, usage: TokenUsage): boolean {
    return this.prices.costOf(provider, model, usage) !== null;
  }

  #maximaOf(candidates: readonly Candidate[]): (number | null)[] {
    return candidates.map((candidate) => this.candidates.sizesOf(candidate).maxOutputTokens);
  }
}

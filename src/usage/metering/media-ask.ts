import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { BudgetTerms } from '../../core/principal.js';
import type { Ask } from './ask.js';
import type { Candidate } from './candidates.js';
import type { MediaOrder } from './media-order.js';
import type { UpperBounds } from './upper-bounds.service.js';

/** A request for images, sound or judgements at the gate. */
export class MediaAsk implements Ask {
  readonly operation: MediaOrder['operation'];
  readonly model: string;
  readonly imageVariant: string | null;

  constructor(
    private readonly order: MediaOrder,
    readonly candidates: readonly Candidate[],
    readonly terms: readonly BudgetTerms[],
    private readonly bounds: Pick<UpperBounds, 'ofMedia' | 'isPriced'>,
  ) {
    this.operation = order.operation;
    this.model = order.model;
    this.imageVariant = order.imageVariant ?? null;
  }

  promptTokens(): number {
    return this.order.roughTokens();
  }

  roughPromptTokens(): number {
    return this.order.roughTokens();
  }

  tokens(): number {
    return this.order.roughTokens();
  }

  boundUsd(): string {
    return this.bounds.ofMedia(this.order, this.candidates);
  }

  ampleBoundUsd(): string {
    return this.boundUsd();
  }

  serviceTierAt(): null {
    return null;
  }

  countedUsage(provider: string): TokenUsage {
    const type = this.candidates.find((candidate) => candidate.provider === provider)?.providerType;
    return this.order.usual(type ?? 'openai-compatible');
  }

  /** What was reported, and beside it what is missing there though the price is of that: tokens, or units. */
  completedUsage(reported: TokenUsage, target: { readonly provider: string; readonly model: string }): TokenUsage {
    if (this.bounds.isPriced(target, reported)) return reported;
    const counted = this.countedUsage(target.provider);
    if (!this.bounds.isPriced(target, counted)) return reported;
    return { ...counted, units: { ...counted.units, ...reported.units }, estimated: true };
  }
}

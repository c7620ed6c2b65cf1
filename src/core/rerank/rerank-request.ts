import type { TokenUsage } from '../chat/token-usage.js';

/** Texts to be judged by how well they fit a query. */
export interface RerankRequest {
  /** As the client wrote it: an alias, `provider/model` or a bare name. */
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
  /** Longer ones are cut by models that can; missing leaves it to them. */
  readonly maxTokensPerDocument?: number;
}

/** How well each text fits. */
export interface RerankResult {
  /** The provider's own name of the model that answered. */
  readonly model: string;
  /** One for each document, in their order, 0..1. */
  readonly scores: readonly number[];
  /** In tokens, or in the unit of searches for providers that bill by search. */
  readonly usage: TokenUsage;
}

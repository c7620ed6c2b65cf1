import type { ProviderType } from '../../../config/gateway-config.js';
import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import type { RerankRequest } from '../../../core/rerank/rerank-request.js';
import type { MediaOrder } from '../media-order.js';
import { TextTokens } from './count-texts.js';

/** How a provider that bills by search counts: so many documents are one, and longer ones are several documents. */
const DOCUMENTS_PER_SEARCH = 100;
const CHARACTERS_PER_DOCUMENT = 2_000;

/** What reranking uses: searches at Cohere, tokens of each document with the query at all others. */
export function rerankOrder({ model, query, documents }: RerankRequest): MediaOrder {
  const texts = new TextTokens(documents.map((text) => `${query}\n${text}`));
  const usage = (type: ProviderType, tokens: () => number): TokenUsage =>
    type === 'cohere' ? tokenUsage({ units: { search: searchesOf(documents) } }) : tokenUsage({ input: tokens() });
  return {
    operation: 'rerank',
    model,
    roughTokens: () => texts.count,
    most: (type) => usage(type, () => texts.mostAt(type)),
    usual: (type) => usage(type, () => texts.count),
  };
}

function searchesOf(documents: readonly string[]): number {
  const parts = documents.reduce((sum, text) => sum + Math.max(1, Math.ceil(text.length / CHARACTERS_PER_DOCUMENT)), 0);
  return Math.ceil(parts / DOCUMENTS_PER_SEARCH);
}

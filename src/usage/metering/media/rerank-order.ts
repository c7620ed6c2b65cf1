import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import type { RerankRequest } from '../../../core/rerank/rerank-request.js';
import type { MediaOrder } from '../media-order.js';
import { TextTokens } from './count-texts.js';

/** How a provider that bills by search counts: so many documents are one, and longer ones are several documents. */
const DOCUMENTS_PER_SEARCH = 100;
const CHARACTERS_PER_DOCUMENT = 2_000;
/** It cuts by tokens, with the query among them; many languages have far fewer characters to a token. */
const LEAST_BYTES = 1_000;

/** What reranking uses: searches at Cohere, tokens of each document with the query at all others. */
export function rerankOrder({ model, query, documents }: RerankRequest): MediaOrder {
  // Each document is read with the query, which is counted once: copies of it would fill the memory.
  const texts = new TextTokens(documents);
  const queries = new TextTokens([query]);
  const repeated = (tokens: number): number => documents.length * (tokens + 1);
  const counted = (): number => texts.count + repeated(queries.count);
  return {
    operation: 'rerank',
    model,
    roughTokens: counted,
    most: (type) =>
      type === 'cohere'
        ? searches(documents.map((text) => partsOf(Buffer.byteLength(query) + Buffer.byteLength(text), LEAST_BYTES)))
        : tokenUsage({ input: texts.mostAt(type) + repeated(queries.mostAt(type)) }),
    usual: (type) =>
      type === 'cohere'
        ? searches(documents.map((text) => partsOf(text.length, CHARACTERS_PER_DOCUMENT)))
        : tokenUsage({ input: counted() }),
  };
}

function partsOf(length: number, most: number): number {
  return Math.max(1, Math.ceil(length / most));
}

function searches(parts: readonly number[]): TokenUsage {
  return tokenUsage({
    units: { search: Math.ceil(parts.reduce((sum, count) => sum + count, 0) / DOCUMENTS_PER_SEARCH) },
  });
}

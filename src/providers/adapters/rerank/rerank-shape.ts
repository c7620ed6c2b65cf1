import type { ProviderType } from '../../../config/gateway-config.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import type { RerankRequest } from '../../../core/rerank/rerank-request.js';

/** The types of provider that judge texts. */
export type RerankType = Extract<ProviderType, 'cohere' | 'jina' | 'voyage'>;

/** What is a vendor's own about its rerank API. */
export interface RerankShape {
  readonly baseUrl: string;
  /** Below the base URL. */
  readonly path: string;
  toBody(model: string, request: RerankRequest): JsonObject;
  /** Where the judged documents stand in a reply: objects with `index` and `relevance_score`. */
  readonly resultsKey: 'results' | 'data';
  /** What the reply says it costs: tokens, or searches; null when it does not say. */
  readUnits(reply: JsonObject): number | null;
}

const COHERE: RerankShape = {
  baseUrl: 'https://api.cohere.com',
  path: '/v2/rerank',
  toBody: (model, { query, documents }) => ({ model, query, documents: [...documents], top_n: documents.length }),
  resultsKey: 'results',
  readUnits: ({ meta }) => numberAt(meta, 'billed_units', 'search_units'),
};

const JINA: RerankShape = {
  baseUrl: 'https://api.jina.ai/v1',
  path: '/rerank',
  toBody: (model, { query, documents }) => ({
    model,
    query,
    documents: [...documents],
    top_n: documents.length,
    return_documents: false,
  }),
  resultsKey: 'results',
  readUnits: ({ usage }) => numberAt(usage, 'total_tokens'),
};

const VOYAGE: RerankShape = {
  baseUrl: 'https://api.voyageai.com/v1',
  path: '/rerank',
  toBody: (model, { query, documents }) => ({ model, query, documents: [...documents], return_documents: false }),
  resultsKey: 'data',
  readUnits: ({ usage }) => numberAt(usage, 'total_tokens'),
};

/** The shape of each type; servers that only speak one of them are configured as that type with their own base URL. */
export const RERANK_SHAPES: Readonly<Record<RerankType, RerankShape>> = { cohere: COHERE, jina: JINA, voyage: VOYAGE };

function numberAt(value: JsonValue | undefined, ...keys: string[]): number | null {
  const found = keys.reduce<JsonValue | undefined>(
    (inner, key) => (isJsonObject(inner) ? inner[key] : undefined),
    value,
  );
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : null;
}

import type { ProviderType } from '../../../config/gateway-config.js';
import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
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
  /** Whether it cuts long documents where it is told to. */
  readonly takesMaxTokens?: boolean;
  /** Where the judged documents stand in a reply: objects with `index` and `relevance_score`. */
  readonly resultsKey: 'results' | 'data';
  /** What the reply says it used; null when it does not say. */
  readUsage(reply: JsonObject): TokenUsage | null;
}

const COHERE: RerankShape = {
  baseUrl: 'https://api.cohere.com',
  path: '/v2/rerank',
  takesMaxTokens: true,
  toBody: (model, { query, documents, maxTokensPerDocument }) => ({
    ...{ model, query, documents: [...documents], top_n: documents.length },
    ...(maxTokensPerDocument !== undefined && { max_tokens_per_doc: maxTokensPerDocument }),
  }),
  resultsKey: 'results',
  readUsage: ({ meta }) => {
    const search = numberAt(meta, 'billed_units', 'search_units');
    return search === null ? null : tokenUsage({ units: { search } });
  },
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
  readUsage: readTokens,
};

const VOYAGE: RerankShape = {
  baseUrl: 'https://api.voyageai.com/v1',
  path: '/rerank',
  toBody: (model, { query, documents }) => ({ model, query, documents: [...documents], return_documents: false }),
  resultsKey: 'data',
  readUsage: readTokens,
};

/** The shape of each type; servers that only speak one of them are configured as that type with their own base URL. */
export const RERANK_SHAPES: Readonly<Record<RerankType, RerankShape>> = { cohere: COHERE, jina: JINA, voyage: VOYAGE };

function readTokens({ usage }: JsonObject): TokenUsage | null {
  const input = numberAt(usage, 'total_tokens');
  return input === null ? null : tokenUsage({ input });
}

function numberAt(value: JsonValue | undefined, ...keys: string[]): number | null {
  const found = keys.reduce<JsonValue | undefined>(
    (inner, key) => (isJsonObject(inner) ? inner[key] : undefined),
    value,
  );
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : null;
}

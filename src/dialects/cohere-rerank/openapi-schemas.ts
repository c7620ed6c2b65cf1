import type { JsonObject } from '../../core/json.js';

/** OpenAPI schemas of `POST /v1/rerank`. */
export const RERANK_SCHEMAS: Record<string, JsonObject> = {
  RerankRequest: {
    type: 'object',
    required: ['query', 'documents'],
    additionalProperties: true,
    properties: {
      model: { type: 'string', description: 'A rerank model; `defaults.rerank` of the models file when left out.' },
      query: { type: 'string', minLength: 1 },
      documents: {
        type: 'array',
        minItems: 1,
        maxItems: 1_000,
        items: {
          oneOf: [{ type: 'string' }, { type: 'object', required: ['text'], properties: { text: { type: 'string' } } }],
        },
      },
      top_n: { type: 'integer', minimum: 1, nullable: true },
      max_tokens_per_doc: { type: 'integer', minimum: 1, nullable: true },
      return_documents: { type: 'boolean', nullable: true },
    },
  },
  RerankReply: {
    type: 'object',
    required: ['id', 'results', 'meta'],
    properties: {
      id: { type: 'string' },
      model: { type: 'string', description: "The provider's own name of the model." },
      results: {
        type: 'array',
        items: {
          type: 'object',
          required: ['index', 'relevance_score'],
          properties: {
            index: { type: 'integer', minimum: 0 },
            relevance_score: { type: 'number', minimum: 0, maximum: 1 },
            document: { type: 'object', properties: { text: { type: 'string' } } },
          },
        },
      },
      meta: {
        type: 'object',
        properties: {
          api_version: { type: 'object', properties: { version: { type: 'string' } } },
          billed_units: {
            type: 'object',
            properties: { search_units: { type: 'integer' }, input_tokens: { type: 'integer' } },
          },
        },
      },
    },
  },
};

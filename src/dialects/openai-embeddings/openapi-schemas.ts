import type { JsonObject } from '../../core/json.js';

const TOKENS = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 0 } };

/** OpenAPI schemas of `POST /v1/embeddings`. */
export const EMBEDDING_SCHEMAS: Record<string, JsonObject> = {
  EmbeddingRequest: {
    type: 'object',
    required: ['model', 'input'],
    additionalProperties: true,
    properties: {
      model: { type: 'string', description: 'An alias, `provider/model`, or a bare model name.' },
      input: {
        description: 'One text or up to 2,048 of them, or the same as token numbers.',
        oneOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', minItems: 1, maxItems: 2048, items: { type: 'string', minLength: 1 } },
          TOKENS,
          { type: 'array', minItems: 1, maxItems: 2048, items: TOKENS },
        ],
      },
      dimensions: { type: 'integer', minimum: 1, nullable: true },
      encoding_format: { type: 'string', enum: ['float', 'base64'], nullable: true },
      user: { type: 'string' },
    },
  },
  EmbeddingList: {
    type: 'object',
    required: ['object', 'data', 'model', 'usage'],
    properties: {
      object: { type: 'string', enum: ['list'] },
      data: {
        type: 'array',
        items: {
          type: 'object',
          required: ['object', 'index', 'embedding'],
          properties: {
            object: { type: 'string', enum: ['embedding'] },
            index: { type: 'integer', minimum: 0 },
            embedding: {
              description: 'Numbers, or base64 of little-endian 32-bit floats.',
              oneOf: [{ type: 'array', items: { type: 'number' } }, { type: 'string' }],
            },
          },
        },
      },
      model: { type: 'string' },
      usage: {
        type: 'object',
        required: ['prompt_tokens', 'total_tokens'],
        properties: { prompt_tokens: { type: 'integer' }, total_tokens: { type: 'integer' } },
      },
    },
  },
};

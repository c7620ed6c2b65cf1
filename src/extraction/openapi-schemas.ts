import type { JsonObject } from '../core/json.js';

const TEXT = { type: 'string' };

/** OpenAPI schemas of `POST /v1/extract`. */
export const EXTRACTION_SCHEMAS: Record<string, JsonObject> = {
  ExtractionRequest: {
    type: 'object',
    additionalProperties: false,
    required: ['schema'],
    description: 'Send either `input` or `messages`.',
    oneOf: [{ required: ['input'] }, { required: ['messages'] }],
    properties: {
      input: { type: 'string', minLength: 1, description: 'The text to extract from.' },
      messages: { type: 'array', minItems: 1, maxItems: 10_000, items: { $ref: '#/components/schemas/ChatMessage' } },
      schema: {
        type: 'object',
        additionalProperties: true,
        description:
          'A JSON Schema (2020-12) that the data has to match. References point into the schema itself; formats are not checked.',
      },
      name: {
        type: 'string',
        pattern: '^[A-Za-z0-9_-]{1,64}$',
        default: 'extraction',
        description: 'What it is called.',
      },
      model: {
        type: 'string',
        description: "An alias, `provider/model`, or a bare model name; by default the server's.",
      },
      max_repairs: {
        type: 'integer',
        minimum: 0,
        maximum: 3,
        default: 1,
        description: 'How often the model is told where its answer is wrong, to put it right.',
      },
    },
    example: {
      input: 'Ada Lovelace was born in London in 1815.',
      schema: {
        type: 'object',
        properties: { name: { type: 'string' }, born: { type: 'integer' } },
        required: ['name', 'born'],
        additionalProperties: false,
      },
    },
  },
  Extraction: {
    type: 'object',
    required: ['data', 'valid', 'repairs', 'model', 'provider', 'usage', 'cost_usd', 'latency_ms', 'request_id'],
    properties: {
      data: { nullable: true, description: 'Any JSON that matches the schema.' },
      valid: { type: 'boolean', enum: [true] },
      repairs: { type: 'integer', minimum: 0, description: 'How often the answer had to be put right.' },
      warnings: { type: 'array', items: TEXT, description: 'What could not be carried to the provider.' },
      model: { type: 'string', nullable: true, description: "The provider's own name of the model that answered." },
      provider: { type: 'string', nullable: true },
      usage: {
        nullable: true,
        allOf: [{ $ref: '#/components/schemas/NativeUsage' }],
        description: 'Of all requests that it took.',
      },
      cost_usd: {
        type: 'number',
        nullable: true,
        description: 'USD, repairs included; null when a price is not known.',
      },
      latency_ms: { type: 'integer', minimum: 0 },
      request_id: TEXT,
    },
  },
};

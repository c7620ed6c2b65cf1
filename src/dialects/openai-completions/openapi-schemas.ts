import type { JsonObject } from '../../core/json.js';

const TEXT = { type: 'string' };
const TOKENS = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 0 } };
const PENALTY = { type: 'number', minimum: -2, maximum: 2, nullable: true };

/** OpenAPI schemas of `POST /v1/completions`. */
export const COMPLETION_SCHEMAS: Record<string, JsonObject> = {
  CompletionRequest: {
    type: 'object',
    required: ['model', 'prompt'],
    additionalProperties: true,
    properties: {
      model: { type: 'string', description: 'An alias, `provider/model`, or a bare model name.' },
      prompt: {
        description: 'Token numbers are for models whose provider has completions of its own.',
        oneOf: [
          TEXT,
          { type: 'array', minItems: 1, maxItems: 128, items: TEXT },
          TOKENS,
          { type: 'array', minItems: 1, maxItems: 128, items: TOKENS },
        ],
      },
      suffix: { type: 'string', nullable: true },
      echo: { type: 'boolean', nullable: true },
      stream: { type: 'boolean', nullable: true },
      stream_options: { type: 'object', nullable: true, properties: { include_usage: { type: 'boolean' } } },
      max_tokens: { type: 'integer', minimum: 0, nullable: true },
      temperature: { type: 'number', minimum: 0, maximum: 2, nullable: true },
      top_p: { type: 'number', minimum: 0, maximum: 1, nullable: true },
      n: { type: 'integer', minimum: 1, maximum: 128, nullable: true },
      best_of: { type: 'integer', minimum: 1, maximum: 128, nullable: true },
      logprobs: { type: 'integer', minimum: 0, maximum: 20, nullable: true },
      stop: { nullable: true, oneOf: [TEXT, { type: 'array', minItems: 1, maxItems: 4, items: TEXT }] },
      seed: { type: 'integer', nullable: true },
      presence_penalty: PENALTY,
      frequency_penalty: PENALTY,
      logit_bias: {
        type: 'object',
        nullable: true,
        additionalProperties: { type: 'number', minimum: -100, maximum: 100 },
      },
      user: TEXT,
    },
  },
  Completion: {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices'],
    description: 'Whole, or a chunk of a stream, whose choices have no `finish_reason` until they end.',
    properties: {
      id: TEXT,
      object: { type: 'string', enum: ['text_completion'] },
      created: { type: 'integer', description: 'Unix seconds.' },
      model: { type: 'string', description: "The provider's own name of the model that answered." },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          required: ['text', 'index', 'logprobs', 'finish_reason'],
          properties: {
            text: TEXT,
            index: { type: 'integer', minimum: 0 },
            logprobs: { type: 'object', nullable: true, additionalProperties: true },
            finish_reason: { type: 'string', nullable: true, enum: ['stop', 'length', 'content_filter'] },
          },
        },
      },
      usage: { $ref: '#/components/schemas/ChatCompletionUsage' },
    },
  },
};

import type { JsonObject } from '../../core/json.js';

const TEXT = { type: 'string' };
const NULLABLE_TEXT = { type: 'string', nullable: true };
const COUNT = { type: 'integer', minimum: 0 };
const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter'];

const HEAD = {
  id: TEXT,
  created: { type: 'integer', description: 'Unix seconds.' },
  model: { type: 'string', description: "The provider's own name of the model that answered." },
};
const LOGPROBS = { type: 'object', nullable: true, additionalProperties: true };
const PENALTY = { type: 'number', minimum: -2, maximum: 2, nullable: true };

/** OpenAPI schemas of `POST /v1/chat/completions`. */
export const CHAT_COMPLETION_SCHEMAS: Record<string, JsonObject> = {
  ChatCompletionRequest: {
    type: 'object',
    required: ['model', 'messages'],
    additionalProperties: true,
    properties: {
      model: { type: 'string', description: 'An alias, `provider/model`, or a bare model name.' },
      messages: { type: 'array', minItems: 1, maxItems: 10_000, items: { $ref: '#/components/schemas/ChatMessage' } },
      stream: { type: 'boolean', nullable: true },
      stream_options: { type: 'object', nullable: true, properties: { include_usage: { type: 'boolean' } } },
      max_completion_tokens: { type: 'integer', minimum: 1, nullable: true },
      max_tokens: { type: 'integer', minimum: 1, nullable: true, deprecated: true },
      temperature: { type: 'number', minimum: 0, maximum: 2, nullable: true },
      top_p: { type: 'number', minimum: 0, maximum: 1, nullable: true },
      n: { type: 'integer', minimum: 1, maximum: 128, nullable: true },
      stop: { nullable: true, oneOf: [TEXT, { type: 'array', minItems: 1, maxItems: 4, items: TEXT }] },
      seed: { type: 'integer', nullable: true },
      presence_penalty: PENALTY,
      frequency_penalty: PENALTY,
      logprobs: { type: 'boolean', nullable: true },
      top_logprobs: { type: 'integer', minimum: 0, maximum: 20, nullable: true },
      logit_bias: {
        type: 'object',
        nullable: true,
        additionalProperties: { type: 'number', minimum: -100, maximum: 100 },
      },
      reasoning_effort: {
        type: 'string',
        nullable: true,
        enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
      },
      tools: { type: 'array', maxItems: 128, items: { $ref: '#/components/schemas/ChatTool' } },
      tool_choice: {
        oneOf: [
          { type: 'string', enum: ['none', 'auto', 'required'] },
          { type: 'object', properties: { type: TEXT, function: { type: 'object', properties: { name: TEXT } } } },
        ],
      },
      parallel_tool_calls: { type: 'boolean' },
      response_format: { $ref: '#/components/schemas/ResponseFormat' },
      user: TEXT,
      metadata: { type: 'object', nullable: true, additionalProperties: TEXT },
    },
  },
  ChatCompletion: {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      ...HEAD,
      object: { type: 'string', enum: ['chat.completion'] },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          required: ['index', 'message', 'logprobs', 'finish_reason'],
          properties: {
            index: COUNT,
            message: { $ref: '#/components/schemas/ChatCompletionMessage' },
            logprobs: LOGPROBS,
            finish_reason: { type: 'string', enum: FINISH_REASONS },
          },
        },
      },
      usage: { $ref: '#/components/schemas/ChatCompletionUsage' },
    },
  },
  ChatCompletionMessage: {
    type: 'object',
    required: ['role', 'content', 'refusal'],
    properties: {
      role: { type: 'string', enum: ['assistant'] },
      content: NULLABLE_TEXT,
      refusal: NULLABLE_TEXT,
      reasoning_content: { type: 'string', description: "The model's thinking, where it shows it." },
      tool_calls: { type: 'array', items: { $ref: '#/components/schemas/ChatToolCall' } },
    },
  },
  ChatCompletionChunk: {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      ...HEAD,
      object: { type: 'string', enum: ['chat.completion.chunk'] },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          required: ['index', 'delta', 'finish_reason'],
          properties: {
            index: COUNT,
            delta: { type: 'object', additionalProperties: true },
            logprobs: LOGPROBS,
            finish_reason: { type: 'string', nullable: true, enum: [...FINISH_REASONS, null] },
          },
        },
      },
      usage: { nullable: true, allOf: [{ $ref: '#/components/schemas/ChatCompletionUsage' }] },
    },
  },
  ChatCompletionUsage: {
    type: 'object',
    required: ['prompt_tokens', 'completion_tokens', 'total_tokens'],
    properties: {
      prompt_tokens: COUNT,
      completion_tokens: COUNT,
      total_tokens: COUNT,
      prompt_tokens_details: { type: 'object', additionalProperties: COUNT },
      completion_tokens_details: { type: 'object', additionalProperties: COUNT },
    },
  },
};

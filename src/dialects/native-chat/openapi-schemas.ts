import type { JsonObject } from '../../core/json.js';

const TEXT = { type: 'string' };
const COUNT = { type: 'integer', minimum: 0 };
const NULLABLE_TEXT = { type: 'string', nullable: true };
const WARNINGS = { type: 'array', items: TEXT, description: 'What could not be carried to the provider.' };
const COST = { type: 'number', nullable: true, description: 'USD; null when the price is not known.' };
const FINISH_REASON = { type: 'string', enum: ['stop', 'length', 'tool_calls', 'content_filter', 'other'] };
const USAGE = { nullable: true, allOf: [{ $ref: '#/components/schemas/NativeUsage' }] };

/** OpenAPI schemas of `POST /v1/chat` and `/v1/chat/stream`. */
export const NATIVE_CHAT_SCHEMAS: Record<string, JsonObject> = {
  NativeChatRequest: {
    type: 'object',
    additionalProperties: false,
    description: 'Send either `message` or `messages`.',
    oneOf: [{ required: ['message'] }, { required: ['messages'] }],
    properties: {
      message: { type: 'string', minLength: 1, description: 'What the user says.' },
      messages: { type: 'array', minItems: 1, maxItems: 10_000, items: { $ref: '#/components/schemas/ChatMessage' } },
      model: {
        type: 'string',
        description: "An alias, `provider/model`, or a bare model name; by default the server's.",
      },
      system: { type: 'string', description: 'Instructions before the conversation.' },
      temperature: { type: 'number', minimum: 0, maximum: 2 },
      max_tokens: { type: 'integer', minimum: 1 },
      tools: { type: 'array', maxItems: 128, items: { $ref: '#/components/schemas/ChatTool' } },
      response_format: { $ref: '#/components/schemas/ResponseFormat' },
      conversation_id: {
        type: 'string',
        description: 'A stored conversation to go on with. `session_id` is another name of it.',
        example: 'conv_01H8XZ5Y7Q2M4N6P8R0S1T3V',
      },
      session_id: { type: 'string', description: 'Another name of `conversation_id`.' },
      store: {
        type: 'boolean',
        description: 'Whether the turn is kept; by default a `message` and what has a `conversation_id` is.',
      },
      server_tools: {
        type: 'array',
        maxItems: 32,
        items: TEXT,
        description:
          'Tools that the server runs for the model: `http:NAME`, `mcp:SERVER`, `mcp:SERVER/TOOL`, `rag:COLLECTION`.',
        example: ['rag:handbook'],
      },
      max_steps: {
        type: 'integer',
        minimum: 1,
        maximum: 32,
        description: 'Answers of the model that the use of `server_tools` may take, the last one included.',
      },
    },
    example: { message: 'What can you do?' },
  },
  NativeUsage: {
    type: 'object',
    required: ['input_tokens', 'output_tokens', 'cached_input_tokens', 'reasoning_tokens', 'total_tokens'],
    properties: {
      input_tokens: { ...COUNT, description: 'Includes what the provider had in its prompt cache.' },
      output_tokens: { ...COUNT, description: 'Includes reasoning.' },
      cached_input_tokens: COUNT,
      reasoning_tokens: COUNT,
      total_tokens: COUNT,
    },
  },
  NativeToolResult: {
    type: 'object',
    required: ['id', 'name', 'arguments', 'content', 'is_error'],
    properties: {
      id: { type: 'string', description: 'Of the call.' },
      name: { type: 'string', example: 'http:weather' },
      arguments: { type: 'string', description: 'JSON text as the model wrote it.' },
      content: { type: 'string', description: 'What the model was told.' },
      is_error: { type: 'boolean' },
    },
  },
  NativeChatAnswer: {
    type: 'object',
    required: [
      'content',
      'reply',
      'model',
      'provider',
      'finish_reason',
      'usage',
      'cost_usd',
      'latency_ms',
      'request_id',
    ],
    properties: {
      content: TEXT,
      reply: { type: 'string', description: 'The same text as `content`.' },
      tool_calls: {
        type: 'array',
        items: { $ref: '#/components/schemas/ChatToolCall' },
        description: 'Calls that the client has to run.',
      },
      tool_results: {
        type: 'array',
        items: { $ref: '#/components/schemas/NativeToolResult' },
        description: 'Tools that the server ran, in the order they finished.',
      },
      reasoning: TEXT,
      warnings: WARNINGS,
      model: { type: 'string', description: "The provider's own name of the model that answered." },
      provider: NULLABLE_TEXT,
      conversation_id: NULLABLE_TEXT,
      finish_reason: FINISH_REASON,
      usage: USAGE,
      cost_usd: COST,
      latency_ms: COUNT,
      cached: { type: 'boolean' },
      request_id: TEXT,
    },
  },
  NativeChatFrame: {
    type: 'object',
    required: ['type'],
    description: 'The data of one event; the fields depend on its type. After `done` comes the text `[DONE]`.',
    properties: {
      type: { type: 'string', enum: ['start', 'delta', 'reasoning', 'tool_call', 'tool_result', 'done', 'error'] },
      conversation_id: NULLABLE_TEXT,
      request_id: TEXT,
      content: TEXT,
      id: TEXT,
      index: COUNT,
      name: TEXT,
      arguments_delta: TEXT,
      is_error: { type: 'boolean' },
      finish_reason: FINISH_REASON,
      usage: USAGE,
      cost_usd: COST,
      model: TEXT,
      provider: NULLABLE_TEXT,
      latency_ms: COUNT,
      warnings: WARNINGS,
      error: { $ref: '#/components/schemas/ErrorBodyDto' },
    },
  },
};

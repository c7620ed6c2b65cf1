import type { JsonObject } from '../../core/json.js';

const TEXT = { type: 'string' };
const ANY = { type: 'object', additionalProperties: true };
const BLOCKS = { type: 'array', items: { $ref: '#/components/schemas/MessageBlock' } };

const COUNTED: Record<string, JsonObject> = {
  model: { type: 'string', description: 'An alias, `provider/model`, or a bare model name.' },
  messages: {
    type: 'array',
    minItems: 1,
    maxItems: 10_000,
    items: {
      type: 'object',
      required: ['role', 'content'],
      properties: {
        role: { type: 'string', enum: ['user', 'assistant', 'system'] },
        content: { oneOf: [TEXT, BLOCKS] },
      },
    },
  },
  system: { oneOf: [TEXT, BLOCKS] },
  tools: {
    type: 'array',
    items: { $ref: '#/components/schemas/MessageTool' },
    description: 'Tools with an `input_schema`, and those that Anthropic defines: only its models know these.',
  },
  tool_choice: {
    type: 'object',
    required: ['type'],
    properties: {
      type: { type: 'string', enum: ['auto', 'any', 'tool', 'none'] },
      name: TEXT,
      disable_parallel_tool_use: { type: 'boolean' },
    },
  },
  mcp_servers: {
    type: 'array',
    description: 'Servers that Anthropic is to call.',
    items: { type: 'object', additionalProperties: true, properties: { type: TEXT, name: TEXT, url: TEXT } },
  },
  thinking: {
    type: 'object',
    required: ['type'],
    properties: {
      type: { type: 'string', description: '`enabled`, `adaptive` or `disabled`.' },
      budget_tokens: { type: 'integer', minimum: 1 },
      display: { type: 'string', enum: ['summarized', 'omitted'], nullable: true },
    },
  },
  output_config: {
    type: 'object',
    properties: {
      effort: { type: 'string', enum: ['low', 'medium', 'high', 'xhigh', 'max'], nullable: true },
      format: {
        type: 'object',
        nullable: true,
        required: ['type', 'schema'],
        properties: { type: { type: 'string', enum: ['json_schema'] }, schema: ANY },
      },
    },
  },
};

/** OpenAPI schemas of `POST /v1/messages` and `POST /v1/messages/count_tokens`. */
export const MESSAGES_SCHEMAS: Record<string, JsonObject> = {
  MessageRequest: {
    type: 'object',
    required: ['model', 'max_tokens', 'messages'],
    additionalProperties: true,
    properties: {
      ...COUNTED,
      max_tokens: { type: 'integer', minimum: 0 },
      stream: { type: 'boolean' },
      stop_sequences: { type: 'array', items: TEXT },
      temperature: { type: 'number', minimum: 0, maximum: 1 },
      top_p: { type: 'number', minimum: 0, maximum: 1 },
      top_k: { type: 'integer', minimum: 0 },
      metadata: { type: 'object', properties: { user_id: { type: 'string', nullable: true } } },
    },
  },
  MessageCountRequest: {
    type: 'object',
    required: ['model', 'messages'],
    additionalProperties: true,
    properties: COUNTED,
  },
  MessageTokenCount: { type: 'object', required: ['input_tokens'], properties: { input_tokens: { type: 'integer' } } },
  MessageBlock: {
    type: 'object',
    required: ['type'],
    additionalProperties: true,
    properties: {
      type: {
        type: 'string',
        description: '`text`, `image`, `document`, `tool_use`, `tool_result`, `thinking`, `redacted_thinking`, ...',
      },
      source: {
        type: 'object',
        description: 'Of an image or a document: `base64` with `media_type` and `data`, `url`, `text`, ...',
        additionalProperties: true,
        properties: { type: TEXT, media_type: TEXT, data: TEXT, url: TEXT },
      },
    },
  },
  MessageTool: {
    type: 'object',
    required: ['name'],
    additionalProperties: true,
    properties: {
      type: { type: 'string', nullable: true },
      name: { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,128}$' },
      description: TEXT,
      input_schema: { ...ANY, description: 'A JSON Schema of the arguments.' },
      strict: { type: 'boolean', nullable: true },
    },
  },
  Message: {
    type: 'object',
    required: ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'],
    properties: {
      id: TEXT,
      type: { type: 'string', enum: ['message'] },
      role: { type: 'string', enum: ['assistant'] },
      model: TEXT,
      content: BLOCKS,
      stop_reason: { type: 'string', nullable: true },
      stop_sequence: { type: 'string', nullable: true },
      stop_details: { ...ANY, nullable: true },
      usage: {
        type: 'object',
        required: ['input_tokens', 'output_tokens'],
        properties: {
          input_tokens: { type: 'integer' },
          output_tokens: { type: 'integer' },
          cache_creation_input_tokens: { type: 'integer', nullable: true },
          cache_read_input_tokens: { type: 'integer', nullable: true },
        },
      },
    },
  },
  MessageError: {
    type: 'object',
    required: ['type', 'error', 'request_id'],
    properties: {
      type: { type: 'string', enum: ['error'] },
      error: {
        type: 'object',
        required: ['type', 'message'],
        properties: { type: { type: 'string', description: 'Like `invalid_request_error`.' }, message: TEXT },
      },
      request_id: TEXT,
    },
  },
  MessageEvent: {
    type: 'object',
    required: ['type'],
    additionalProperties: true,
    properties: {
      type: {
        type: 'string',
        description:
          '`message_start`, then for each block `content_block_start`, `content_block_delta`, `content_block_stop`, then ' +
          '`message_delta` and `message_stop`; or `error` at the end.',
      },
    },
  },
};

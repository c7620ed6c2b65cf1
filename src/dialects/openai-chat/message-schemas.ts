import type { JsonObject } from '../../core/json.js';

const TEXT = { type: 'string' };
const NULLABLE_TEXT = { type: 'string', nullable: true };

/** OpenAPI schemas of messages and tools, shared by every route that takes OpenAI's shapes. */
export const MESSAGE_SCHEMAS: Record<string, JsonObject> = {
  ChatMessage: {
    type: 'object',
    required: ['role'],
    properties: {
      role: { type: 'string', enum: ['system', 'developer', 'user', 'assistant', 'tool', 'function'] },
      content: {
        description: 'A text, or a list of parts; an assistant that only calls tools has none.',
        nullable: true,
        oneOf: [TEXT, { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/ChatContentPart' } }],
      },
      name: TEXT,
      refusal: NULLABLE_TEXT,
      tool_calls: { type: 'array', items: { $ref: '#/components/schemas/ChatToolCall' } },
      tool_call_id: { type: 'string', description: 'Of a `tool` message: the call that it answers.' },
    },
  },
  ChatContentPart: {
    type: 'object',
    required: ['type'],
    properties: {
      type: { type: 'string', enum: ['text', 'image_url', 'input_audio', 'file', 'refusal'] },
      text: TEXT,
      image_url: {
        type: 'object',
        required: ['url'],
        properties: {
          url: { type: 'string', description: 'An http(s) URL, or a data URL of an image.' },
          detail: { type: 'string', enum: ['auto', 'low', 'high'] },
        },
      },
      input_audio: { type: 'object', properties: { data: TEXT, format: TEXT } },
      file: { type: 'object', properties: { filename: TEXT, file_id: TEXT, file_data: TEXT } },
      refusal: TEXT,
    },
  },
  ChatToolCall: {
    type: 'object',
    required: ['id', 'type', 'function'],
    properties: {
      id: TEXT,
      type: { type: 'string', enum: ['function'] },
      function: {
        type: 'object',
        required: ['name', 'arguments'],
        properties: { name: TEXT, arguments: { type: 'string', description: 'JSON text, as the model wrote it.' } },
      },
    },
  },
  ChatTool: {
    type: 'object',
    required: ['type', 'function'],
    properties: {
      type: { type: 'string', enum: ['function'] },
      function: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
          description: TEXT,
          parameters: { type: 'object', description: 'A JSON Schema of the arguments.', additionalProperties: true },
          strict: { type: 'boolean', nullable: true },
        },
      },
    },
  },
  ResponseFormat: {
    oneOf: [
      {
        type: 'object',
        required: ['type'],
        properties: { type: { type: 'string', enum: ['text', 'json_object'] } },
      },
      {
        type: 'object',
        required: ['type', 'json_schema'],
        properties: {
          type: { type: 'string', enum: ['json_schema'] },
          json_schema: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
              description: TEXT,
              schema: { type: 'object', additionalProperties: true },
              strict: { type: 'boolean', nullable: true },
            },
          },
        },
      },
    ],
  },
};

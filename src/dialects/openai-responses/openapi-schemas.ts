import type { JsonObject } from '../../core/json.js';

const TEXT = { type: 'string' };
const NULLABLE_TEXT = { type: 'string', nullable: true };
const COUNT = { type: 'integer', minimum: 0 };
const ITEMS = { type: 'array', items: { $ref: '#/components/schemas/ResponseItem' } };
const OPEN = { type: 'object', additionalProperties: true };
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const STATUSES = ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'];

const PART = {
  type: 'object',
  description: '`input_text`, `input_image`, `input_file`, `output_text`, `refusal`.',
  additionalProperties: true,
  properties: { type: TEXT, text: TEXT, image_url: NULLABLE_TEXT, file_url: NULLABLE_TEXT },
};

/** OpenAPI schemas of `POST /v1/responses` and of what is stored of it. */
export const RESPONSE_SCHEMAS: Record<string, JsonObject> = {
  ResponseRequest: {
    type: 'object',
    required: ['model'],
    additionalProperties: true,
    anyOf: [{ required: ['input'] }, { required: ['previous_response_id'] }, { required: ['conversation'] }],
    properties: {
      model: { type: 'string', description: 'An alias, `provider/model`, or a bare model name.' },
      input: {
        description:
          'A text, or a list of items: messages, calls, results of calls, thoughts, references to stored items.',
        oneOf: [TEXT, { type: 'array', maxItems: 10_000, items: { $ref: '#/components/schemas/ResponseItem' } }],
      },
      instructions: NULLABLE_TEXT,
      previous_response_id: { ...NULLABLE_TEXT, description: 'The response that this one goes on from.' },
      conversation: {
        nullable: true,
        description: 'The stored conversation that this one belongs to; not together with `previous_response_id`.',
        oneOf: [TEXT, { type: 'object', required: ['id'], properties: { id: TEXT } }],
      },
      store: { type: 'boolean', nullable: true, default: true },
      background: { type: 'boolean', nullable: true, default: false },
      stream: { type: 'boolean', nullable: true, default: false },
      stream_options: { type: 'object', nullable: true, properties: { include_obfuscation: { type: 'boolean' } } },
      include: { type: 'array', nullable: true, maxItems: 64, items: TEXT },
      tools: { type: 'array', nullable: true, maxItems: 128, items: { $ref: '#/components/schemas/ResponseTool' } },
      tool_choice: { oneOf: [{ type: 'string', enum: ['none', 'auto', 'required'] }, OPEN] },
      parallel_tool_calls: { type: 'boolean', nullable: true },
      max_output_tokens: { type: 'integer', minimum: 1, nullable: true },
      max_tool_calls: { ...COUNT, nullable: true },
      temperature: { type: 'number', minimum: 0, maximum: 2, nullable: true },
      top_p: { type: 'number', minimum: 0, maximum: 1, nullable: true },
      top_logprobs: { type: 'integer', minimum: 0, maximum: 20, nullable: true },
      text: {
        type: 'object',
        nullable: true,
        properties: { format: OPEN, verbosity: { type: 'string', nullable: true, enum: ['low', 'medium', 'high'] } },
      },
      reasoning: {
        type: 'object',
        nullable: true,
        properties: {
          effort: { type: 'string', nullable: true, enum: EFFORTS },
          summary: { type: 'string', nullable: true, enum: ['auto', 'concise', 'detailed'] },
        },
      },
      truncation: { type: 'string', nullable: true, enum: ['auto', 'disabled'] },
      metadata: { type: 'object', nullable: true, additionalProperties: TEXT },
      user: TEXT,
      safety_identifier: { ...NULLABLE_TEXT, maxLength: 64 },
      prompt_cache_key: NULLABLE_TEXT,
      service_tier: NULLABLE_TEXT,
    },
  },
  ResponseItem: {
    type: 'object',
    description:
      'Something that was said, done or thought. `message` (also without `type`), `function_call`, `custom_tool_call`, their ' +
      'outputs, `reasoning` and `item_reference` are understood; other types go to OpenAI alone.',
    additionalProperties: true,
    properties: {
      type: { type: 'string', nullable: true },
      id: NULLABLE_TEXT,
      status: { type: 'string', nullable: true, enum: ['in_progress', 'completed', 'incomplete'] },
      role: { type: 'string', enum: ['user', 'assistant', 'system', 'developer'] },
      content: { description: 'A text, or a list of parts.', oneOf: [TEXT, { type: 'array', items: PART }] },
      call_id: NULLABLE_TEXT,
      name: NULLABLE_TEXT,
      arguments: { type: 'string', description: 'JSON text, as the model wrote it.' },
      input: TEXT,
      output: { description: 'A text, or a list of parts.', oneOf: [TEXT, { type: 'array', items: PART }] },
      summary: { type: 'array', items: OPEN },
      encrypted_content: NULLABLE_TEXT,
    },
  },
  ResponseTool: {
    type: 'object',
    required: ['type'],
    additionalProperties: true,
    properties: {
      type: { type: 'string', description: '`function`, `custom`, `namespace`, or one that OpenAI runs itself.' },
      name: TEXT,
      description: NULLABLE_TEXT,
      parameters: { ...OPEN, nullable: true, description: 'A JSON Schema of the arguments.' },
      server_url: { type: 'string', description: 'Of type `mcp`: the server that OpenAI is to call.' },
      strict: { type: 'boolean', nullable: true },
    },
  },
  Response: {
    type: 'object',
    required: ['id', 'object', 'created_at', 'status', 'error', 'incomplete_details', 'model', 'output', 'metadata'],
    additionalProperties: true,
    properties: {
      id: TEXT,
      object: { type: 'string', enum: ['response'] },
      created_at: { type: 'integer', description: 'Unix seconds.' },
      completed_at: { type: 'integer', nullable: true, description: 'Unix seconds.' },
      status: { type: 'string', enum: STATUSES },
      error: { type: 'object', nullable: true, properties: { code: TEXT, message: TEXT } },
      incomplete_details: {
        type: 'object',
        nullable: true,
        properties: { reason: { type: 'string', enum: ['max_output_tokens', 'content_filter'] } },
      },
      model: { type: 'string', description: "The provider's own name of the model that answered." },
      output: ITEMS,
      previous_response_id: NULLABLE_TEXT,
      conversation: { type: 'object', nullable: true, properties: { id: TEXT } },
      metadata: { type: 'object', nullable: true, additionalProperties: TEXT },
      usage: { $ref: '#/components/schemas/ResponseUsage' },
    },
  },
  ResponseUsage: {
    type: 'object',
    required: ['input_tokens', 'input_tokens_details', 'output_tokens', 'output_tokens_details', 'total_tokens'],
    properties: {
      input_tokens: COUNT,
      input_tokens_details: { type: 'object', additionalProperties: COUNT },
      output_tokens: COUNT,
      output_tokens_details: { type: 'object', additionalProperties: COUNT },
      total_tokens: COUNT,
    },
  },
  ResponseEvent: {
    type: 'object',
    description: 'One event of a streamed response; the frame is named after its `type`.',
    required: ['type', 'sequence_number'],
    additionalProperties: true,
    properties: {
      type: TEXT,
      sequence_number: { ...COUNT, description: 'Counts from 0 without gaps.' },
      response: { $ref: '#/components/schemas/Response' },
      output_index: COUNT,
      item: { $ref: '#/components/schemas/ResponseItem' },
    },
  },
};

import type { JsonObject } from '../../core/json.js';

const MODEL = { type: 'string', description: 'An alias, `provider/model`, or a bare model name.' };
const TEXT = { type: 'string' };
const IMAGE_URL = { type: 'object', required: ['url'], properties: { url: TEXT } };
const USAGE = { type: 'object', additionalProperties: true };

/** OpenAPI schemas of images, speech, transcriptions and moderations. Parameters that are not here go on as they came. */
export const MEDIA_SCHEMAS: Record<string, JsonObject> = {
  ImageRequest: {
    type: 'object',
    required: ['model', 'prompt'],
    additionalProperties: true,
    properties: {
      model: MODEL,
      prompt: { type: 'string', minLength: 1, maxLength: 32_000 },
      n: { type: 'integer', minimum: 1, maximum: 10, nullable: true },
      size: { type: 'string', nullable: true, description: '`auto`, or `WIDTHxHEIGHT` as far as the model has it.' },
      quality: { type: 'string', nullable: true },
      stream: { type: 'boolean', nullable: true },
      partial_images: { type: 'integer', minimum: 0, maximum: 3, nullable: true },
    },
  },
  ImageList: {
    type: 'object',
    required: ['created', 'data'],
    additionalProperties: true,
    properties: {
      created: { type: 'integer' },
      data: {
        type: 'array',
        items: { type: 'object', properties: { b64_json: TEXT, url: TEXT, revised_prompt: TEXT } },
      },
      usage: USAGE,
    },
  },
  SpeechRequest: {
    type: 'object',
    required: ['model', 'input', 'voice'],
    additionalProperties: true,
    properties: {
      model: MODEL,
      input: { type: 'string', minLength: 1, maxLength: 65_536 },
      voice: { oneOf: [TEXT, { type: 'object', additionalProperties: true }] },
      instructions: TEXT,
      response_format: { type: 'string', description: '`mp3`, `opus`, `aac`, `flac`, `wav` or `pcm`.' },
      speed: { type: 'number', minimum: 0.25, maximum: 4 },
      stream_format: { type: 'string', enum: ['audio', 'sse'] },
    },
  },
  TranscriptionForm: {
    type: 'object',
    required: ['model', 'file'],
    additionalProperties: true,
    properties: {
      model: MODEL,
      file: { type: 'string', format: 'binary' },
      prompt: TEXT,
      language: TEXT,
      response_format: { type: 'string', enum: ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'] },
      temperature: { type: 'number', minimum: 0, maximum: 1 },
      'timestamp_granularities[]': { type: 'array', items: TEXT },
      'include[]': { type: 'array', items: TEXT },
      stream: { type: 'boolean' },
    },
  },
  Transcript: {
    type: 'object',
    required: ['text'],
    additionalProperties: true,
    properties: { text: TEXT, duration: { type: 'number' }, language: TEXT, usage: USAGE },
  },
  ModerationRequest: {
    type: 'object',
    required: ['input'],
    additionalProperties: true,
    properties: {
      model: { ...MODEL, default: 'omni-moderation-latest' },
      input: {
        oneOf: [
          TEXT,
          { type: 'array', minItems: 1, items: TEXT },
          {
            type: 'array',
            minItems: 1,
            items: { oneOf: [partOf('text', TEXT), partOf('image_url', IMAGE_URL)] },
          },
        ],
      },
    },
  },
  ModerationList: {
    type: 'object',
    required: ['results'],
    additionalProperties: true,
    properties: {
      id: TEXT,
      model: TEXT,
      results: {
        type: 'array',
        items: {
          type: 'object',
          required: ['flagged'],
          additionalProperties: true,
          properties: {
            flagged: { type: 'boolean' },
            categories: { type: 'object', additionalProperties: { type: 'boolean' } },
            category_scores: { type: 'object', additionalProperties: { type: 'number' } },
          },
        },
      },
    },
  },
};

function partOf(type: string, value: JsonObject): JsonObject {
  return {
    type: 'object',
    required: ['type', type],
    properties: { type: { type: 'string', enum: [type] }, [type]: value },
  };
}

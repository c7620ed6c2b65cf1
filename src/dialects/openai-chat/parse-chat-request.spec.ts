import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { parseChatRequest, wantsUsageChunk } from './parse-chat-request.js';

const USER = { role: 'user', content: 'Hi' };
const CALL = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
const TOOL = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } };
const ASKED = { role: 'assistant', content: null, tool_calls: [CALL] };
const RESULT = { role: 'tool', tool_call_id: 'call_1', content: 'seen' };

function body(changes: Record<string, unknown> = {}): JsonObject {
  return { model: 'fast', messages: [USER], ...changes };
}

function refusalOf(value: JsonObject): { code: string; param: string | null } {
  try {
    parseChatRequest(value);
  } catch (error) {
    if (error instanceof InvalidRequestError) return { code: error.code, param: error.param };
    throw error;
  }
  return { code: 'accepted', param: null };
}

function image(url: JsonValue): JsonObject {
  return { role: 'user', content: [{ type: 'image_url', image_url: { url } }] };
}

function manyProperties(): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`p${String(index)}`, { type: 'string' }]));
}

const TOOL_NAMES = ['has space', 'x'.repeat(65), '../up', '', 'naïve'];

describe('parseChatRequest refuses', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    ['no model', { model: undefined }, 'missing_required_parameter', 'model'],
    ['an empty model', { model: '' }, 'missing_required_parameter', 'model'],
    ['a model that is a number', { model: 7 }, 'invalid_type', 'model'],
    ['a negative temperature', { temperature: -1 }, 'invalid_value', 'temperature'],
    ['a high temperature', { temperature: 3 }, 'invalid_value', 'temperature'],
    ['a temperature as text', { temperature: '0.7' }, 'invalid_type', 'temperature'],
    ['an endless temperature', { temperature: Infinity }, 'invalid_value', 'temperature'],
    ['top_p 2', { top_p: 2 }, 'invalid_value', 'top_p'],
    ['n 0', { n: 0 }, 'invalid_value', 'n'],
    ['n 129', { n: 129 }, 'invalid_value', 'n'],
    ['n 1.5', { n: 1.5 }, 'invalid_value', 'n'],
    ['max_tokens 0', { max_tokens: 0 }, 'invalid_value', 'max_tokens'],
    ['max_tokens -1', { max_tokens: -1 }, 'invalid_value', 'max_tokens'],
    ['max_completion_tokens 1e12', { max_completion_tokens: 1e12 }, 'invalid_value', 'max_completion_tokens'],
    ['max_tokens 2^53', { max_tokens: 2 ** 53 }, 'invalid_value', 'max_tokens'],
    ['an endless seed', { seed: Infinity }, 'invalid_value', 'seed'],
    ['five stops', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'invalid_value', 'stop'],
    ['an empty stop', { stop: '' }, 'invalid_value', 'stop'],
    ['a long stop', { stop: ['a', 'x'.repeat(1_000_000)] }, 'invalid_value', 'stop[1]'],
    ['a bias that is a text', { logit_bias: { 5: 'x' } }, 'invalid_type', 'logit_bias.5'],
    ['a bias on no token', { logit_bias: { abc: 1 } }, 'invalid_value', 'logit_bias'],
    [
      'many biases',
      { logit_bias: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [i, 1])) },
      'invalid_value',
      'logit_bias',
    ],
    ['stream as a text', { stream: 'yes' }, 'invalid_type', 'stream'],
    ['stream_options alone', { stream_options: { include_usage: true } }, 'invalid_value', 'stream_options'],
    ['129 tools', { tools: Array(129).fill(TOOL) }, 'array_too_long', 'tools'],
    ['two tools of one name', { tools: [TOOL, TOOL] }, 'invalid_value', 'tools[1].function.name'],
    ['an unknown tool type', { tools: [{ type: 'magic' }] }, 'invalid_value', 'tools[0].type'],
    ...TOOL_NAMES.map((name): [string, Record<string, unknown>, string, string] => [
      `a tool named ${JSON.stringify(name.slice(0, 10))}`,
      { tools: [{ type: 'function', function: { name } }] },
      'invalid_value',
      'tools[0].function.name',
    ]),
    [
      'parameters that are a text',
      { tools: [{ type: 'function', function: { name: 'a', parameters: 'x' } }] },
      'invalid_type',
      'tools[0].function.parameters',
    ],
    [
      'parameters that are a list',
      { tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'array' } } }] },
      'invalid_schema',
      'tools[0].function.parameters.type',
    ],
    [
      'a schema that points elsewhere',
      {
        tools: [
          {
            type: 'function',
            function: { name: 'a', parameters: { properties: { b: { $ref: 'http://127.0.0.1/' } } } },
          },
        ],
      },
      'invalid_schema',
      'tools[0].function.parameters.properties.b.$ref',
    ],
    [
      'a schema that points elsewhere by a younger keyword',
      {
        tools: [
          { type: 'function', function: { name: 'a', parameters: { items: { $dynamicRef: 'http://127.0.0.1/' } } } },
        ],
      },
      'invalid_schema',
      'tools[0].function.parameters.items.$dynamicRef',
    ],
    [
      'a choice of an absent tool',
      { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'b' } } },
      'invalid_value',
      'tool_choice.function.name',
    ],
    ['a required tool without tools', { tool_choice: 'required' }, 'invalid_value', 'tool_choice'],
    ['an unknown tool mode', { tools: [TOOL], tool_choice: 'maybe' }, 'invalid_value', 'tool_choice'],
    ['parallel_tool_calls as a text', { parallel_tool_calls: 'x' }, 'invalid_type', 'parallel_tool_calls'],
    [
      'a schema without a name',
      { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
      'missing_required_parameter',
      'response_format.json_schema.name',
    ],
    [
      'a schema that is a text',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: 'x' } } },
      'invalid_type',
      'response_format.json_schema.schema',
    ],
    [
      'a schema of no type',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'thing' } } } },
      'invalid_schema',
      'response_format.json_schema.schema.type',
    ],
    [
      'a schema of 60,000 parts',
      {
        response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { properties: manyProperties() } } },
      },
      'invalid_schema',
      'response_format.json_schema.schema',
    ],
    ['an unknown format', { response_format: { type: 'xml' } }, 'invalid_value', 'response_format.type'],
    ['a long user', { user: 'x'.repeat(10_000) }, 'invalid_metadata', 'user'],
    ['a long label', { metadata: { a: 'x'.repeat(10_000) } }, 'invalid_metadata', 'metadata.a'],
    [
      '17 labels',
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${String(i)}`, 'v'])) },
      'invalid_metadata',
      'metadata',
    ],
    ['nested labels', { metadata: { a: { b: 'c' } } }, 'invalid_metadata', 'metadata.a'],
  ])('%s', (_name, changes, code, param) => {
    expect(refusalOf(body(changes))).toEqual({ code, param });
  });
});

describe('parseChatRequest reads', () => {
  it.each<[string, Record<string, unknown>]>([
    ['nulls as absent', { temperature: null, n: null, stop: null, tools: null, metadata: null, stream_options: null }],
    ['an answered call', { messages: [USER, ASKED, RESULT, USER] }],
    ['the same call id in a later turn', { messages: [USER, ASKED, RESULT, ASKED, RESULT] }],
    [
      'the older form of a call',
      {
        messages: [
          USER,
          { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
          { role: 'function', name: 'f', content: 'x' },
        ],
      },
    ],
    [
      'a recursive schema',
      {
        tools: [
          {
            type: 'function',
            function: { name: 'a', parameters: { type: 'object', properties: { a: { $ref: '#' } } } },
          },
        ],
      },
    ],
    [
      'a property that is called $ref',
      {
        tools: [
          { type: 'function', function: { name: 'a', parameters: { properties: { $ref: { type: 'string' } } } } },
        ],
      },
    ],
    [
      'an aggressive pattern',
      {
        tools: [
          { type: 'function', function: { name: 'a', parameters: { properties: { a: { pattern: '(a+)+$' } } } } },
        ],
      },
    ],
  ])('%s', (_name, changes) => {
    expect(refusalOf(body(changes)).code).toBe('accepted');
  });

  it('everything it knows into the canonical request', () => {
    const value = body({
      messages: [{ role: 'developer', content: 'Be kind.' }, image('data:image/PNG;base64,iVBORw0K'), ASKED, RESULT],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 5,
      max_completion_tokens: 7,
      stop: 'END',
      tools: [TOOL],
      tool_choice: { type: 'function', function: { name: 'look' } },
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: { type: 'object' }, strict: true },
      },
      reasoning_effort: 'max',
      logit_bias: { 42: -5 },
    });
    const request = parseChatRequest(value);
    expect(request).toMatchObject({
      model: 'fast',
      stream: true,
      maxOutputTokens: 7,
      stop: ['END'],
      toolChoice: { type: 'tool', name: 'look' },
      responseFormat: { type: 'json-schema', name: 'answer', schema: { type: 'object' }, strict: true },
      reasoning: { effort: 'xhigh' },
      logitBias: { 42: -5 },
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        {
          role: 'user',
          content: [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'iVBORw0K' } }],
        },
        { role: 'assistant', content: [{ type: 'tool-call', id: 'call_1', name: 'look', arguments: '{}' }] },
        { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'seen' }] },
      ],
    });
    expect(request.source?.body).toBe(value);
    expect(request.extraParameters).toBeUndefined();
    expect(wantsUsageChunk(request)).toBe(true);
  });

  it('what only its own dialect knows as extra parameters', () => {
    const custom = { type: 'custom', custom: { name: 'shell' } };
    const choice = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [TOOL] } };
    const request = parseChatRequest(
      body({ tools: [TOOL, custom], tool_choice: choice, service_tier: 'flex', brand_new: 1, store: false }),
    );
    expect(request.extraParameters).toEqual(['tool_choice.allowed_tools', 'tools[1]', 'service_tier', 'brand_new']);
  });

  it('so many extra parameters and no more, by the beginning of their names', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [String(n).padEnd(80, 'x'), 1]));
    const { extraParameters: named } = parseChatRequest(body(many));
    expect(named).toHaveLength(51);
    expect(named?.at(-1)).toBe('and 49950 more');
    expect(Math.max(...(named ?? []).map((name) => name.length))).toBe(64);
  });

  it('an earlier spoken answer, which only its provider knows, as an extra parameter', () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', audio: { id: 'audio_1' } },
      { role: 'user', content: 'And?' },
    ];
    expect(parseChatRequest(body({ messages })).extraParameters).toEqual(['messages[].audio']);
  });
});

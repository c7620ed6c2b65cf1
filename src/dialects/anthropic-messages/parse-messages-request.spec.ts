import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { parseBetas, parseCountRequest, parseMessagesRequest } from './parse-messages-request.js';

const USER = { role: 'user', content: 'Hi' };
const WEATHER = { name: 'weather', description: 'Looks.', input_schema: { type: 'object', properties: {} } };
const CLOSED = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const PIXEL = { type: 'base64', media_type: 'image/png', data: 'iVBORw==' };

function parse(rest: JsonObject): ChatRequest {
  return parseMessagesRequest({ model: 'm', max_tokens: 10, messages: [USER], ...rest });
}

function calls(...ids: string[]): JsonObject {
  return {
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool_use', id, name: 'weather', input: { city: id } })),
  };
}

function result(id: string, rest: JsonObject = {}): JsonObject {
  return { type: 'tool_result', tool_use_id: id, ...rest };
}

function text(words: string): JsonObject {
  return { type: 'text', text: words };
}

describe(parseMessagesRequest.name, () => {
  it('reads every parameter that has a canonical form', () => {
    const { source, ...request } = parse({
      system: 'Be brief.',
      stream: true,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END', ' '],
      tools: [{ ...WEATHER, strict: true, cache_control: { type: 'ephemeral' } }],
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 2048 },
      output_config: { effort: 'max', format: { type: 'json_schema', schema: CLOSED } },
      metadata: { user_id: 'u1' },
      service_tier: 'auto',
    });
    expect(request).toEqual({
      model: 'm',
      stream: true,
      maxOutputTokens: 10,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stop: ['END'],
      messages: [
        { role: 'system', content: [text('Be brief.')] },
        { role: 'user', content: [text('Hi')] },
      ],
      tools: [{ name: 'weather', description: 'Looks.', parameters: WEATHER.input_schema, strict: true }],
      toolChoice: { type: 'tool', name: 'weather' },
      parallelToolCalls: false,
      reasoning: { budgetTokens: 2048, effort: 'xhigh', summary: 'auto' },
      responseFormat: { type: 'json-schema', name: 'answer', schema: CLOSED, strict: true },
      user: 'u1',
      earlierMessages: 0,
    });
    expect(source?.dialect).toBe('anthropic-messages');
  });

  it.each<[JsonObject, ChatRequest['reasoning']]>([
    [{}, undefined],
    [{ thinking: { type: 'adaptive' } }, { summary: 'auto' }],
    [{ thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'low' } }, { effort: 'low' }],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, { effort: 'none' }],
    [{ output_config: { effort: 'medium' } }, { effort: 'medium' }],
  ])('reads thinking: %j', (body, reasoning) => {
    expect(parse(body).reasoning).toEqual(reasoning);
  });

  it.each<[JsonObject | undefined, ChatRequest['toolChoice'], boolean | undefined]>([
    [undefined, undefined, undefined],
    [{ type: 'auto', disable_parallel_tool_use: true }, { type: 'auto' }, false],
    [{ type: 'any' }, { type: 'required' }, undefined],
    [{ type: 'none' }, { type: 'none' }, undefined],
  ])('reads the choice %j', (choice, toolChoice, parallelToolCalls) => {
    const request = parse({ tools: [WEATHER], tool_choice: choice });
    expect([request.toolChoice, request.parallelToolCalls]).toEqual([toolChoice, parallelToolCalls]);
  });

  it('keeps what only Anthropic knows, and names it as lost elsewhere', () => {
    const body = {
      tools: [WEATHER, { type: 'web_search_20250305', name: 'web_search' }],
      tool_choice: { type: 'tool', name: 'web_search' },
      mcp_servers: [{ type: 'url' }],
      context_management: { edits: [] },
      container: null,
      messages: [{ role: 'user', content: [text('Hi'), { type: 'container_upload', file_id: 'f' }] }],
      output_config: { task_budget: { total: 1 } },
      thinking: { type: 'between_tools' },
    };
    const request = parse(body);
    expect(request.tools).toHaveLength(1);
    expect(request.toolChoice).toBeUndefined();
    expect(request.extraParameters).toEqual([
      'tools[1] (web_search_20250305)',
      'messages[].content (container_upload)',
      'tool_choice',
      'output_config.task_budget',
      'thinking.between_tools',
      'mcp_servers',
      'context_management',
    ]);
    expect(request.source?.body).toMatchObject(body);
  });

  it.each([
    [{ type: 'object' }],
    [{ ...CLOSED, required: [] }],
    [{ ...CLOSED, properties: { a: { type: 'object', properties: {} } } }],
  ])('leaves a form to the model that others cannot enforce: %j', (schema) => {
    const { responseFormat } = parse({ output_config: { format: { type: 'json_schema', schema } } });
    expect(responseFormat).toEqual({ type: 'json-schema', name: 'answer', schema });
  });

  it('takes betas along, whatever they are', () => {
    const betas = parseBetas('a-2026-01-01, b ,a-2026-01-01,');
    const request = parseMessagesRequest({ model: 'm', max_tokens: 1, messages: [USER] }, betas);
    expect(request.source?.betas).toEqual(['a-2026-01-01', 'b']);
    expect(parse({}).source).not.toHaveProperty('betas');
  });

  it.each<[string, JsonObject, string, string]>([
    ['no output limit', { max_tokens: undefined }, 'missing_required_parameter', 'max_tokens'],
    ['a negative one', { max_tokens: -1 }, 'invalid_value', 'max_tokens'],
    ['no model', { model: undefined }, 'missing_required_parameter', 'model'],
    ['no messages', { messages: undefined }, 'missing_required_parameter', 'messages'],
    ['an empty list of them', { messages: [] }, 'invalid_value', 'messages'],
    ['a number for a system prompt', { system: 5 }, 'invalid_type', 'system'],
    ['an image in it', { system: [{ type: 'image', source: PIXEL }] }, 'invalid_value', 'system[0].type'],
    ['an unknown role', { messages: [{ role: 'tool', content: 'x' }] }, 'invalid_value', 'messages[0].role'],
    ['no content', { messages: [{ role: 'user' }] }, 'missing_required_parameter', 'messages[0].content'],
    ['an empty list of blocks', { messages: [{ role: 'user', content: [] }] }, 'invalid_value', 'messages[0].content'],
    ['a hot temperature', { temperature: 1.5 }, 'invalid_value', 'temperature'],
    ['a tool without a schema', { tools: [{ name: 'a' }] }, 'missing_required_parameter', 'tools[0].input_schema'],
    ['two tools of one name', { tools: [WEATHER, WEATHER] }, 'invalid_value', 'tools[1].name'],
    ['the wish for a tool that is not there', { tool_choice: { type: 'any' } }, 'invalid_value', 'tool_choice'],
    [
      'thinking without a number',
      { thinking: { type: 'enabled' } },
      'missing_required_parameter',
      'thinking.budget_tokens',
    ],
    [
      'a schema that points elsewhere',
      { output_config: { format: { type: 'json_schema', schema: { $ref: 'https://a/b' } } } },
      'invalid_schema',
      'output_config.format.schema.$ref',
    ],
    [
      'an image that is no base64',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { ...PIXEL, data: '%' } }] }] },
      'invalid_value',
      'messages[0].content[0].source.data',
    ],
    [
      'an image on a disk',
      {
        messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'file:///etc/passwd' } }] }],
      },
      'url_scheme_not_allowed',
      'messages[0].content[0].source.url',
    ],
    ['a call without a result', { messages: [USER, calls('a'), USER] }, 'invalid_tool_sequence', 'messages'],
    [
      'a result without a call',
      { messages: [{ role: 'user', content: [result('z')] }] },
      'invalid_tool_sequence',
      'messages[0].content[0].tool_use_id',
    ],
  ])('refuses %s', (_what, body, code, param) => {
    let thrown: unknown;
    try {
      parse(body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidRequestError);
    expect(thrown).toMatchObject({ code, param });
  });

  it.each([
    [{ type: 'create' }, { error_code: 'thread_unsupported_request', unsupported: ['thread'] }],
    [{ type: 'continue', previous_message_id: 'msg_1' }, { error_code: 'thread_not_found' }],
  ])('refuses the thread %j so that clients send all of it', (thread, facts) => {
    expect(() => parse({ thread, messages: [] })).toThrow(expect.objectContaining({ param: 'thread', facts }));
  });

  it('counts without an output limit', () => {
    expect(parseCountRequest({ model: 'm', messages: [USER] })).toMatchObject({ model: 'm', stream: false });
  });

  it('makes one token of none', () => {
    expect(parse({ max_tokens: 0 }).maxOutputTokens).toBe(1);
  });
});

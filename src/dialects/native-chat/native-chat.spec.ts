import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { ChatCollector, collectChat } from '../../core/chat/collect-chat.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { openAiChatDialect } from '../openai-chat/openai-chat-dialect.js';
import type { NativeAnswerFacts } from './native-answer.js';
import { parseNativeChat } from './parse-native-chat.js';
import { renderNativeResult } from './render-native-result.js';
import { renderNativeErrorFrame, renderNativeStream } from './render-native-stream.js';

function refusalOf(body: JsonObject): InvalidRequestError | null {
  try {
    parseNativeChat(body, false);
    return null;
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
}

describe('parseNativeChat', () => {
  it.each<[string, JsonObject, string, string]>([
    ['neither message nor messages', {}, 'missing_required_parameter', 'message'],
    ['both', { message: 'a', messages: [{ role: 'user', content: 'a' }] }, 'invalid_value', 'message'],
    ['an empty message', { message: '' }, 'invalid_value', 'message'],
    ['a message that is a number', { message: 1 }, 'invalid_type', 'message'],
    ['an empty model', { message: 'a', model: '' }, 'invalid_value', 'model'],
    ['stream', { message: 'a', stream: true }, 'unknown_parameter', 'stream'],
    ['a field of OpenAI', { message: 'a', n: 2 }, 'unknown_parameter', 'n'],
    ['__proto__', JSON.parse('{"message":"a","__proto__":{}}') as JsonObject, 'unknown_parameter', '__proto__'],
    ['a high temperature', { message: 'a', temperature: 5 }, 'invalid_value', 'temperature'],
    [
      'a custom tool',
      { message: 'a', tools: [{ type: 'custom', custom: { name: 'x' } }] },
      'invalid_value',
      'tools[0].type',
    ],
  ])('refuses %s', (_name, body, code, param) => {
    expect(refusalOf(body)).toMatchObject({ code, param });
  });

  it.each<[string, JsonObject, string]>([
    ['two ids', { conversation_id: 'conv_1', session_id: 'conv_2' }, 'conversation_id'],
    ['an empty id', { session_id: '' }, 'session_id'],
    ['tools that are no list', { server_tools: 'x' }, 'server_tools'],
    ['a tool without a name', { server_tools: [''] }, 'server_tools[0]'],
    ['no steps', { max_steps: 0 }, 'max_steps'],
    ['a cache of another kind', { cache: { disk: true } }, 'cache.disk'],
  ])('refuses %s', (_name, options, param) => {
    expect(refusalOf({ message: 'a', ...options })?.param).toBe(param);
  });

  it('keeps a single message, or what goes on with a conversation, unless told not to', () => {
    const messages = [{ role: 'user', content: 'a' }];
    expect(parseNativeChat({ message: 'a' }, false)).toMatchObject({ store: true });
    expect(parseNativeChat({ message: 'a', store: false }, false)).toMatchObject({ store: false });
    expect(parseNativeChat({ messages }, false)).toMatchObject({ store: false });
    expect(parseNativeChat({ messages, session_id: 'conv_1' }, false)).toMatchObject({
      store: true,
      conversationId: 'conv_1',
    });
  });

  it('lists every unknown parameter', () => {
    const paths = refusalOf({ message: 'a', foo: 1, bar: 2 })?.details?.map((detail) => detail.path);
    expect(paths).toEqual(['foo', 'bar']);
  });

  it('reads a message with instructions, for the default model', () => {
    expect(parseNativeChat({ message: 'Hi', system: 'Be kind.', max_tokens: 9 }, true).chat).toMatchObject({
      model: '',
      stream: true,
      maxOutputTokens: 9,
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      ],
    });
  });
});

const EVENTS: ChatEvent[] = [
  { type: 'response-start', id: 'x', model: 'served' },
  { type: 'warning', message: 'top_k is not known there' },
  { type: 'reasoning-delta', choice: 0, text: 'hm' },
  { type: 'text-delta', choice: 0, text: 'Hel' },
  { type: 'text-delta', choice: 0, text: 'lo' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: 'look' },
  { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{}' },
  { type: 'finish', choice: 0, finishReason: 'tool-calls' },
  { type: 'usage', usage: tokenUsage({ input: 5, cachedInput: 2, output: 3, reasoning: 1 }) },
];
const USAGE = { input_tokens: 7, output_tokens: 4, cached_input_tokens: 2, reasoning_tokens: 1, total_tokens: 11 };

function facts(costUsd: string | null): NativeAnswerFacts {
  return {
    requestId: 'req_1',
    conversationId: null,
    provider: 'lab',
    costUsd,
    latencyMs: 12,
    warnings: [],
    isCached: false,
  };
}

describe('renderNativeResult', () => {
  it('tells the answer and what it took', () => {
    const collector = new ChatCollector();
    for (const event of EVENTS) collector.add(event);
    expect(renderNativeResult(collector.result(), facts('0.0000120000'))).toEqual({
      content: 'Hello',
      reply: 'Hello',
      reasoning: 'hm',
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }],
      warnings: ['top_k is not known there'],
      model: 'served',
      provider: 'lab',
      conversation_id: null,
      finish_reason: 'tool_calls',
      usage: USAGE,
      cost_usd: 0.000012,
      latency_ms: 12,
      cached: false,
      request_id: 'req_1',
    });
  });
});

const TOOL_EVENTS: ChatEvent[] = [
  { type: 'response-start', id: 'x', model: 'served' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: 'http_look' },
  { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{"a":1}' },
  { type: 'tool-call-start', choice: 0, index: 1, id: 'call_2', name: 'theirs' },
  { type: 'tool-result', id: 'call_1', name: 'http:look', content: 'seen there', isError: false },
  { type: 'finish', choice: 0, finishReason: 'tool-calls' },
];

async function* toStream(events: readonly ChatEvent[]): AsyncIterable<ChatEvent> {
  yield* events;
}

describe('tools that were run here', () => {
  it('are told with their results, and the calls that are left for the client apart from them', async () => {
    const answer = renderNativeResult(await collectChat(toStream(TOOL_EVENTS)), facts(null));
    expect(answer.tool_calls).toMatchObject([{ id: 'call_2', function: { name: 'theirs' } }]);
    expect(answer.tool_results).toEqual([
      { id: 'call_1', name: 'http:look', arguments: '{"a":1}', content: 'seen there', is_error: false },
    ]);
  });

  it('are no business of OpenAI\u2019s clients', async () => {
    const request = openAiChatDialect.parse({ model: 'm', messages: [{ role: 'user', content: 'x' }], stream: true });
    const frames: string[] = [];
    for await (const { data } of openAiChatDialect.renderStream(toStream(TOOL_EVENTS), request)) frames.push(data);
    const whole = openAiChatDialect.renderResult(await collectChat(toStream(TOOL_EVENTS)), request);
    expect([...frames, JSON.stringify(whole)].join()).not.toContain('seen there');
    expect(JSON.parse(frames[0] ?? '')).toMatchObject({ object: 'chat.completion.chunk' });
  });
});

describe('renderNativeStream', () => {
  it('starts, tells the content, and ends with the cost as it is known by then', async () => {
    let cost: string | null = null;
    async function* replay(): AsyncIterable<ChatEvent> {
      yield* EVENTS;
      cost = '0.5000000000';
    }
    const frames: unknown[] = [];
    for await (const frame of renderNativeStream(replay(), () => facts(cost))) {
      frames.push(frame.data === '[DONE]' ? frame.data : JSON.parse(frame.data));
    }
    expect(frames).toEqual([
      { type: 'start', conversation_id: null, request_id: 'req_1' },
      { type: 'reasoning', content: 'hm' },
      { type: 'delta', content: 'Hel' },
      { type: 'delta', content: 'lo' },
      { type: 'tool_call', id: 'call_1', index: 0, name: 'look', arguments_delta: '' },
      { type: 'tool_call', id: 'call_1', index: 0, arguments_delta: '{}' },
      expect.objectContaining({
        type: 'done',
        finish_reason: 'tool_calls',
        usage: USAGE,
        cost_usd: 0.5,
        model: 'served',
      }),
      '[DONE]',
    ]);
  });

  it('tells what tools gave that were run here', async () => {
    const frames: { type?: string }[] = [];
    for await (const { data } of renderNativeStream(toStream(TOOL_EVENTS), () => facts(null))) {
      frames.push(data === '[DONE]' ? {} : (JSON.parse(data) as { type: string }));
    }
    expect(frames.find(({ type }) => type === 'tool_result')).toEqual({
      ...{ type: 'tool_result', id: 'call_1', name: 'http:look', content: 'seen there', is_error: false },
    });
  });

  it('tells a failure as an error frame', () => {
    const frame = renderNativeErrorFrame(new AppError('upstream_stream_interrupted', 'Cut.'), 'req_1');
    expect(JSON.parse(frame.data)).toEqual({
      type: 'error',
      error: { message: 'Cut.', type: 'upstream_error', param: null, code: 'upstream_stream_interrupted' },
    });
  });
});

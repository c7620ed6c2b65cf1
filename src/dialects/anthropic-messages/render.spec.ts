import { describe, expect, it } from '@jest/globals';
import { foldMessage, iterate, streamMessage, wholeMessage } from '../../../test/support/message-events.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { AppError } from '../../core/errors/app-error.js';
import { renderAnthropicErrorFrame } from './render-error.js';
import { renderMessageStream } from './render-stream.js';

const START: ChatEvent = { type: 'response-start', id: 'chatcmpl-1', model: 'gpt' };
const USAGE: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 5, cachedInput: 2, output: 3, reasoning: 4 }) };
const choice = 0;

function finish(finishReason: 'stop' | 'length' | 'tool-calls' | 'content-filter' = 'stop'): ChatEvent {
  return { type: 'finish', choice, finishReason };
}

function text(words: string): ChatEvent {
  return { type: 'text-delta', choice, text: words };
}

function start(index: number): ChatEvent {
  return { type: 'tool-call-start', choice, index, id: `call_${String(index)}`, name: `f${String(index)}` };
}

function grow(index: number, argumentsDelta: string): ChatEvent {
  return { type: 'tool-call-delta', choice, index, argumentsDelta };
}

const CASES: [string, ChatEvent[]][] = [
  ['a text', [START, text('Hel'), text('lo'), finish(), USAGE]],
  ['a length', [START, text('Hel'), finish('length'), USAGE]],
  ['nothing at all', [START, finish(), USAGE]],
  ['a refusal', [START, { type: 'refusal-delta', choice, text: 'No.' }, finish(), USAGE]],
  [
    'thinking',
    [
      START,
      { type: 'reasoning-delta', choice, text: 'Hm' },
      { type: 'reasoning-delta', choice, text: '.', signature: 'abc', signedBy: 'gemini' },
      { type: 'reasoning-delta', choice, text: '', redacted: 'xyz', signedBy: 'anthropic' },
      text('So.'),
      finish(),
      USAGE,
    ],
  ],
  ['a call', [START, text('See.'), start(0), grow(0, '{"a"'), grow(0, ':1}'), finish('tool-calls'), USAGE]],
  [
    'parallel calls, one after the other',
    [START, start(0), grow(0, '{"a":1}'), start(1), grow(1, '{"b":2}'), finish('tool-calls'), USAGE],
  ],
  [
    'parallel calls at once',
    [
      START,
      start(0),
      start(1),
      grow(1, '{"b"'),
      grow(0, '{"a":'),
      grow(1, ':2}'),
      grow(0, '1}'),
      finish('stop'),
      USAGE,
    ],
  ],
  ['an end by a word', [START, text('A'), { ...finish(), stopSequence: 'END' } as ChatEvent, USAGE]],
];

describe('what other vendors answer', () => {
  it.each(CASES)('is the same streamed and whole: %s', async (_what, events) => {
    const streamed = foldMessage(await streamMessage(...events));
    const message = wholeMessage(...events);
    for (const name of ['service_tier', 'inference_geo']) expect(message.usage).toHaveProperty(name);
    expect({ ...streamed, usage: null }).toEqual({ ...message, usage: null });
    expect(streamed.usage).toMatchObject({
      input_tokens: 5,
      cache_read_input_tokens: 2,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 4 },
    });
    expect(streamed.id).toBe('msg_chatcmpl-1');
  });

  it.each<[string, string, string | null]>([
    ['a text', 'end_turn', null],
    ['a length', 'max_tokens', null],
    ['a refusal', 'refusal', null],
    ['a call', 'tool_use', null],
    ['parallel calls at once', 'tool_use', null],
    ['an end by a word', 'stop_sequence', 'END'],
  ])('ends %s with %s', (what, reason, sequence) => {
    const events = CASES.find(([name]) => name === what)?.[1] ?? [];
    expect(wholeMessage(...events)).toMatchObject({ stop_reason: reason, stop_sequence: sequence });
  });

  it('bears the vendor in signatures that are not Anthropic’s', () => {
    const { content } = wholeMessage(...(CASES.find(([name]) => name === 'thinking')?.[1] ?? []));
    expect(content).toEqual([
      { type: 'thinking', thinking: 'Hm.', signature: 'trunkline.gemini.abc' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: 'So.', citations: null },
    ]);
  });

  it('lets no second block begin while arguments are incomplete', async () => {
    const frames = await streamMessage(
      START,
      start(0),
      grow(0, '{"a"'),
      text('Hm'),
      start(1),
      grow(0, ':1}'),
      finish(),
      USAGE,
    );
    const order = frames.filter(({ type }) => type === 'content_block_start').map((frame) => frame.content_block);
    expect(order).toMatchObject([{ name: 'f0' }, { type: 'text' }, { name: 'f1' }]);
    expect(foldMessage(frames).content).toMatchObject([{ input: { a: 1 } }, { text: 'Hm' }, { input: {} }]);
  });

  it('holds so much back that has to wait, and no more', async () => {
    const piece = 'x'.repeat(1024 ** 2);
    const waiting = (count: number): ChatEvent[] => [
      START,
      start(0),
      start(1),
      ...Array.from({ length: count }, () => grow(1, piece)),
      finish(),
      USAGE,
    ];
    expect((await streamMessage(...waiting(3))).length).toBeGreaterThan(6);
    await expect(streamMessage(...waiting(32))).rejects.toMatchObject({ code: 'response_too_large' });
  });

  it('never ends a stream that broke', async () => {
    const broken = renderMessageStream(
      (async function* () {
        yield* iterate([START, text('Hel')]);
        throw new Error('broken');
      })(),
    );
    const types: unknown[] = [];
    await expect(async () => {
      for await (const { event } of broken) types.push(event);
    }).rejects.toThrow('broken');
    expect(types).toEqual(['message_start', 'content_block_start', 'content_block_delta']);
  });
});

describe(renderAnthropicErrorFrame.name, () => {
  it.each([
    ['upstream_stream_interrupted', 'api_error'],
    ['upstream_overloaded', 'overloaded_error'],
    ['upstream_timeout', 'timeout_error'],
    ['rate_limit_exceeded', 'rate_limit_error'],
    ['model_not_found', 'not_found_error'],
    ['request_too_large', 'request_too_large'],
    ['insufficient_scope', 'permission_error'],
  ] as const)('says %s as %s', (code, type) => {
    const { event, data } = renderAnthropicErrorFrame(new AppError(code, 'It broke.'), 'req_1');
    expect([event, JSON.parse(data)]).toEqual([
      'error',
      { type: 'error', error: { type, message: 'It broke.' }, request_id: 'req_1' },
    ]);
  });
});

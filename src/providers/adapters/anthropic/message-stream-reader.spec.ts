import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { JsonObject } from '../../../core/json.js';
import { AnthropicStreamReader } from './message-stream-reader.js';

const START = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'm1', usage: { input_tokens: 5, output_tokens: 1 } },
};
const OPEN = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
const HELLO = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } };
const CLOSE = { type: 'content_block_stop', index: 0 };
const STOP = { type: 'message_stop' };

function delta(stopReason: string | null, outputTokens: JsonObject[string]): JsonObject {
  return { type: 'message_delta', delta: { stop_reason: stopReason }, usage: { output_tokens: outputTokens } };
}

function read(frames: (JsonObject | string)[]): ChatEvent[] {
  const reader = new AnthropicStreamReader({
    apiKey: null,
    skipped: () => undefined,
    implausibleUsage: () => undefined,
  });
  const events: ChatEvent[] = [];
  for (const frame of frames) {
    if (reader.isDone) break;
    events.push(...reader.read({ event: '', data: typeof frame === 'string' ? frame : JSON.stringify(frame) }));
  }
  return [...events, ...reader.end()];
}

function meaningful(events: ChatEvent[]): unknown[] {
  return events.filter((event) => event.type !== 'passthrough').map(({ wire: _, ...event }) => event);
}

const HEAD = { type: 'response-start', id: 'msg_1', model: 'm1' };
const PROMPT = { type: 'usage', usage: tokenUsage({ input: 5, estimated: true }) };
const TEXT = { type: 'text-delta', choice: 0, text: 'Hello' };
const FINISH = { type: 'finish', choice: 0, finishReason: 'stop', rawFinishReason: 'end_turn' };

describe(AnthropicStreamReader.name, () => {
  it('gives every event of the wire its own wire object, also those that mean nothing', () => {
    const frames = [START, { type: 'ping' }, OPEN, HELLO, CLOSE, { type: 'brand_new' }, delta('end_turn', 9), STOP];
    const events = read(frames);
    expect([...new Set(events.map((event) => event.wire))].map((wire) => wire?.value)).toEqual(frames);
    expect(meaningful(events)).toEqual([
      HEAD,
      PROMPT,
      TEXT,
      FINISH,
      { type: 'usage', usage: tokenUsage({ input: 5, output: 9 }) },
    ]);
  });

  it('F33, F34: counts the last usage once and ignores what follows the finish', () => {
    const events = read([
      START,
      OPEN,
      HELLO,
      CLOSE,
      delta(null, 3),
      delta('end_turn', 9),
      HELLO,
      delta('end_turn', 9),
      STOP,
      HELLO,
    ]);
    expect(meaningful(events)).toEqual([
      HEAD,
      PROMPT,
      TEXT,
      FINISH,
      { type: 'usage', usage: tokenUsage({ input: 5, output: 9 }) },
    ]);
  });

  it('F32: drops a usage that is absurd', () => {
    expect(meaningful(read([START, OPEN, HELLO, CLOSE, delta('end_turn', -9), STOP]))).toEqual([
      HEAD,
      PROMPT,
      TEXT,
      FINISH,
    ]);
  });

  it.each([
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
    ['model_context_window_exceeded', 'length'],
  ])('maps the stop reason %s to %s', (raw, finishReason) => {
    const events = meaningful(read([START, OPEN, HELLO, CLOSE, delta(raw, 9), STOP]));
    expect(events).toContainEqual({ type: 'finish', choice: 0, finishReason, rawFinishReason: raw });
  });

  it('stamps what Anthropic signed, and tells why it refused', () => {
    const thinking = (delta: JsonObject): JsonObject => ({ type: 'content_block_delta', index: 0, delta });
    const events = read([
      START,
      { ...OPEN, content_block: { type: 'thinking', thinking: '', signature: '' } },
      thinking({ type: 'thinking_delta', thinking: 'Hm' }),
      thinking({ type: 'signature_delta', signature: 'sig' }),
      CLOSE,
      { ...OPEN, index: 1, content_block: { type: 'redacted_thinking', data: 'data' } },
      {
        type: 'message_delta',
        delta: { stop_reason: 'refusal', stop_details: { explanation: 'Not this.' } },
        usage: {},
      },
      STOP,
    ]);
    const signedBy = 'anthropic';
    expect(meaningful(events).slice(2, -1)).toEqual([
      { type: 'reasoning-delta', choice: 0, text: 'Hm' },
      { type: 'reasoning-delta', choice: 0, text: '', signature: 'sig', signedBy },
      { type: 'reasoning-delta', choice: 0, text: '', redacted: 'data', signedBy },
      { type: 'refusal-delta', choice: 0, text: 'Not this.' },
      { type: 'finish', choice: 0, finishReason: 'content-filter', rawFinishReason: 'refusal' },
    ]);
  });

  it('closes a call without arguments that its server leaves open', () => {
    const open = { ...OPEN, content_block: { type: 'tool_use', id: 'a', name: 'f' } };
    const events = meaningful(read([START, open, delta('tool_use', 9), CLOSE, STOP]));
    expect(events).toContainEqual({ type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{}' });
    expect(events.filter((event) => (event as ChatEvent).type === 'tool-call-delta')).toHaveLength(1);
  });

  it('F37: makes an id for a tool call without one', () => {
    const events = read([
      START,
      { ...OPEN, content_block: { type: 'tool_use', name: 'f' } },
      CLOSE,
      delta('tool_use', 9),
      STOP,
    ]);
    const start = events.find((event) => event.type === 'tool-call-start');
    expect(start).toMatchObject({ id: expect.stringMatching(/^call_\w{24}$/), name: 'f' });
    expect(start?.wire).toBeUndefined();
  });

  it.each<[string, (JsonObject | string)[], string]>([
    ['no message_stop', [START, OPEN, HELLO, CLOSE, delta('end_turn', 9)], 'interrupted'],
    ['message_stop without a stop reason', [START, OPEN, HELLO, CLOSE, STOP], 'interrupted'],
    ['nothing at all', [], 'malformed'],
    ['no content', [START, delta('end_turn', 0), STOP], 'malformed'],
    [
      'an overload',
      [START, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
      'overloaded',
    ],
    ['unreadable events', ['{', 'x', '7', '"a"'], 'malformed'],
  ])('F26, F28, F30, F36: %s', (_what, frames, kind) => {
    expect(() => read(frames)).toThrow(expect.objectContaining({ kind }));
  });
});

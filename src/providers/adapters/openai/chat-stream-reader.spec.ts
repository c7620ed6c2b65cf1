import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { JsonObject } from '../../../core/json.js';
import { OpenAiStreamReader } from './chat-stream-reader.js';

const DONE = '[DONE]';
const USAGE = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };

function chunk(delta: JsonObject | null, rest: JsonObject = {}, finish: string | null = null): JsonObject {
  const choices = delta ? [{ index: 0, delta, finish_reason: finish }] : [];
  return { id: 'c1', model: 'm1', created: 7, choices, ...rest };
}

let absurdUsages = 0;

const attempt = {
  apiKey: 'sk-secret-key',
  skipped: () => undefined,
  implausibleUsage: () => {
    absurdUsages += 1;
  },
};

function read(frames: (JsonObject | string)[], finishReasonOptional = false): ChatEvent[] {
  const reader = new OpenAiStreamReader(attempt, finishReasonOptional);
  const events: ChatEvent[] = [];
  for (const frame of frames) {
    if (reader.isDone) break;
    events.push(...reader.read({ event: '', data: typeof frame === 'string' ? frame : JSON.stringify(frame) }));
  }
  return [...events, ...reader.end()];
}

function bare(events: ChatEvent[]): unknown[] {
  return events.map(({ wire: _, ...event }) => event);
}

const START = { type: 'response-start', id: 'c1', model: 'm1', createdAt: 7 };
const HELLO = { type: 'text-delta', choice: 0, text: 'Hello' };
const STOP = { type: 'finish', choice: 0, finishReason: 'stop', rawFinishReason: 'stop' };
const COUNTED = { type: 'usage', usage: tokenUsage({ input: 5, output: 2 }) };

describe(OpenAiStreamReader.name, () => {
  it('starts with the first chunk that has a choice, and relays what means nothing to us', () => {
    const filter = { id: '', choices: [], prompt_filter_results: [] };
    const events = read([
      filter,
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hello' }),
      chunk({}, {}, 'stop'),
      DONE,
    ]);
    expect(bare(events)).toEqual([{ type: 'passthrough' }, START, HELLO, STOP]);
    expect(events[0]?.wire?.value).toEqual(filter);
  });

  it('shares one wire object among the events of a chunk', () => {
    const events = read([chunk({ content: 'Hello', reasoning: 'Hm' }, {}, 'stop'), DONE]);
    expect(events).toHaveLength(4);
    expect(new Set(events.map((event) => event.wire)).size).toBe(1);
    expect(events[0]?.wire).toMatchObject({ dialect: 'openai-chat', value: { id: 'c1' } });
  });

  it.each<[string, JsonObject[]]>([
    ['in a chunk of its own', [chunk({ content: 'Hello' }), chunk({}, {}, 'stop'), chunk(null, { usage: USAGE })]],
    ['with the finish', [chunk({ content: 'Hello' }), chunk({}, { usage: USAGE }, 'stop')]],
    [
      'growing in every chunk',
      [chunk({ content: 'Hello' }, { usage: { ...USAGE, completion_tokens: 1 } }), chunk({}, { usage: USAGE }, 'stop')],
    ],
    ['sent twice', [chunk({ content: 'Hello' }), chunk({}, { usage: USAGE }, 'stop'), chunk(null, { usage: USAGE })]],
  ])('F33: usage %s is one event at the end', (_how, chunks) => {
    for (const ending of [[DONE], []]) {
      const events = read([...chunks, ...ending]);
      expect(bare(events)).toEqual([START, HELLO, STOP, COUNTED]);
      expect(events.at(-1)?.wire?.value).toEqual(chunks.at(-1));
    }
  });

  it('F32: drops a usage that is absurd, and says so', () => {
    absurdUsages = 0;
    const events = read([
      chunk({ content: 'Hello' }, {}, 'stop'),
      chunk(null, { usage: { prompt_tokens: -4, completion_tokens: 1 } }),
      DONE,
    ]);
    expect(bare(events)).toEqual([START, HELLO, STOP]);
    expect(absurdUsages).toBe(1);
  });

  it('F34: ignores deltas after the finish', () => {
    const events = read([
      chunk({ content: 'Hello' }, {}, 'stop'),
      chunk({ content: ' again' }),
      chunk({}, {}, 'length'),
      DONE,
    ]);
    expect(bare(events)).toEqual([START, HELLO, STOP]);
  });

  it('carries refusals and log probabilities', () => {
    const entry = { token: 'No', logprob: -0.1, bytes: null, top_logprobs: [] };
    const events = read([
      {
        id: 'c1',
        model: 'm1',
        created: 7,
        choices: [{ index: 0, delta: { content: 'No' }, logprobs: { content: [entry] } }],
      },
      chunk({ refusal: 'I cannot' }, {}, 'content_filter'),
      DONE,
    ]);
    expect(bare(events)).toEqual([
      START,
      { type: 'text-delta', choice: 0, text: 'No', logprobs: [entry] },
      { type: 'refusal-delta', choice: 0, text: 'I cannot' },
      { type: 'finish', choice: 0, finishReason: 'content-filter', rawFinishReason: 'content_filter' },
    ]);
  });

  it.each<[string, (JsonObject | string)[], string]>([
    ['a clean end without a finish', [chunk({ content: 'Hello' })], 'interrupted'],
    ['[DONE] without a finish', [chunk({ content: 'Hello' }), DONE], 'interrupted'],
    [
      'a choice that never finished',
      [chunk({ content: 'a' }, {}, 'stop'), { choices: [{ index: 1, delta: { content: 'b' } }] }],
      'interrupted',
    ],
    ['[DONE] and nothing else', [DONE], 'malformed'],
    ['nothing at all', [], 'malformed'],
    ['a rate limit', [{ error: { code: 'rate_limit_exceeded', message: 'x' } }], 'rate-limited'],
    ['an overload by its number', [chunk({ content: 'a' }), { error: { code: 503, message: 'x' } }], 'overloaded'],
    ['an error of no known kind', [{ error: { message: 'x' } }], 'server-error'],
    ['an error in a word', [{ error: 'boom' }], 'server-error'],
  ])('F26, F30: %s is %3$s', (_what, frames, kind) => {
    expect(() => read(frames)).toThrow(expect.objectContaining({ kind }));
  });

  it('takes a clean end for the end where the server is known to name no reason', () => {
    const call = { id: 'call_1', function: { name: 'f', arguments: '{}' }, index: 0 };
    expect(bare(read([chunk({ content: 'Hello' }), DONE], true)).at(-1)).toEqual({
      type: 'finish',
      choice: 0,
      finishReason: 'stop',
    });
    expect(read([chunk({ tool_calls: [call] })], true).at(-1)).toMatchObject({ finishReason: 'tool-calls' });
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatResult } from '../../../core/chat/chat-result.js';
import { ChatCollector } from '../../../core/chat/collect-chat.js';
import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { JsonObject } from '../../../core/json.js';
import { SseParser } from '../../transport/sse-parser.js';
import { readReply } from './read-reply.js';
import { GeminiStreamReader } from './stream-reader.js';

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../../test/fixtures/wire/gemini/${name}`, import.meta.url));
}

function json(name: string): JsonObject {
  return JSON.parse(fixture(name).toString()) as JsonObject;
}

const ATTEMPT = { skipped: () => undefined, implausibleUsage: () => undefined, warn: () => undefined };

function reader(): GeminiStreamReader {
  return new GeminiStreamReader(ATTEMPT, null);
}

function readWhole(reply: unknown): ChatEvent[] {
  return readReply(reply, ATTEMPT, null);
}

function readBytes(...pieces: Uint8Array[]): ChatEvent[] {
  const parser = new SseParser(100_000);
  const stream = reader();
  const frames = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
  return [...frames.flatMap((frame) => stream.read(frame)), ...stream.end()];
}

function read(...responses: JsonObject[]): ChatEvent[] {
  const stream = reader();
  const events = responses.flatMap((response) => stream.read({ event: '', data: JSON.stringify(response) }));
  return [...events, ...stream.end()];
}

function collect(events: readonly ChatEvent[]): ChatResult {
  const collector = new ChatCollector();
  for (const event of events) collector.add(event);
  return collector.result();
}

function response(parts: JsonObject[], finishReason?: string, rest: JsonObject = {}): JsonObject {
  return { candidates: [{ content: { parts, role: 'model' }, finishReason, index: 0 }], responseId: 'r1', ...rest };
}

const HELLO = response([{ text: 'Hello' }]);
const END = response([{ text: '' }], 'STOP');
const HEAD = { type: 'response-start', id: 'r1', model: '' };
const TEXT = { type: 'text-delta', choice: 0, text: 'Hello' };

describe(GeminiStreamReader.name, () => {
  describe.each(['text', 'tools', 'reasoning'])('%s', (name) => {
    it('collects to what the unstreamed answer is', () => {
      expect(collect(readBytes(fixture(`${name}.sse`)))).toEqual(collect(readWhole(json(`${name}.json`))));
    });

    it('is the same with the bytes cut at every position', () => {
      const bytes = fixture(`${name}.sse`);
      const expected = readBytes(bytes);
      for (let cut = 1; cut < bytes.length; cut += 1) {
        const events = readBytes(bytes.subarray(0, cut), bytes.subarray(cut));
        // Compared as text first: this runs for every byte.
        if (JSON.stringify(events) !== JSON.stringify(expected)) expect(events).toEqual(expected);
      }
      expect(readBytes(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected);
    });
  });

  it('gives calls with their ids, whole arguments and signatures, and a finish for them', () => {
    expect(readBytes(fixture('tools.sse')).slice(4, 10)).toEqual([
      {
        type: 'tool-call-start',
        choice: 0,
        index: 0,
        id: 'k3xq9a1f',
        name: 'get_weather',
        signature: 'EvUBCvIBAVSoXO5kQ2c=',
        signedBy: 'gemini',
      },
      { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{"city":"Zürich"}' },
      { type: 'tool-call-start', choice: 0, index: 1, id: 'p7wz2b4d', name: 'list_cities' },
      { type: 'tool-call-delta', choice: 0, index: 1, argumentsDelta: '{}' },
      { type: 'finish', choice: 0, finishReason: 'tool-calls', rawFinishReason: 'STOP' },
      { type: 'usage', usage: tokenUsage({ input: 180, output: 74, reasoning: 96 }) },
    ]);
  });

  it('F37: makes up the id of a call that has none, and the arguments', () => {
    const [, start, delta] = read(response([{ functionCall: { name: 'f' } }], 'STOP'));
    expect(start).toMatchObject({
      type: 'tool-call-start',
      id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
      name: 'f',
    });
    expect(delta).toMatchObject({ argumentsDelta: '{}' });
  });

  it('gives thoughts as reasoning, and a signature on text as one without words', () => {
    expect(
      read(
        response(
          [
            { text: 'Hm.', thought: true },
            { text: 'Hello', thoughtSignature: 'c2ln' },
          ],
          'STOP',
        ),
      ),
    ).toEqual([
      HEAD,
      { type: 'reasoning-delta', choice: 0, text: 'Hm.' },
      TEXT,
      { type: 'reasoning-delta', choice: 0, text: '', signature: 'c2ln', signedBy: 'gemini' },
      { type: 'finish', choice: 0, finishReason: 'stop', rawFinishReason: 'STOP' },
    ]);
  });

  it('F33: the last usage is the bill', () => {
    const counted = (tokens: number): JsonObject => ({ promptTokenCount: 3, candidatesTokenCount: tokens });
    const events = read(
      { ...HELLO, usageMetadata: counted(1) },
      { ...END, usageMetadata: counted(2) },
      { usageMetadata: counted(7) },
    );
    expect(events.filter((event) => event.type === 'usage')).toEqual([
      { type: 'usage', usage: tokenUsage({ input: 3, estimated: true }) },
      { type: 'usage', usage: tokenUsage({ input: 3, output: 7 }) },
    ]);
  });

  it('F24: says what the prompt was before the rest, for the bill of a stream that breaks', () => {
    const usageMetadata = { promptTokenCount: 30, cachedContentTokenCount: 20, candidatesTokenCount: 4 };
    expect(reader().read({ event: '', data: JSON.stringify({ ...HELLO, usageMetadata }) })).toEqual([
      HEAD,
      { type: 'usage', usage: tokenUsage({ input: 10, cachedInput: 20, estimated: true }) },
      TEXT,
    ]);
  });

  it.each<[string, JsonObject[]]>([
    ['more text', [HELLO]],
    ['another finish', [response([{ text: 'x' }], 'SAFETY')]],
    ['an error', [{ error: { code: 503, message: 'late', status: 'UNAVAILABLE' } }]],
  ])('F34: %s after the finish is ignored', (_what, late) => {
    expect(read(HELLO, END, ...late)).toEqual(read(HELLO, END));
  });

  it.each<[string, string, JsonObject[]]>([
    ['F26: no finish reason', 'interrupted', [HELLO]],
    ['F26: one of two candidates without', 'interrupted', [HELLO, { candidates: [{ index: 1 }] }, END]],
    ['F36: no candidates', 'malformed', [{ candidates: [] }, { usageMetadata: { promptTokenCount: 4 } }]],
    ['F36: a stop without content', 'malformed', [{ candidates: [{ finishReason: 'STOP' }] }]],
    [
      'F36: a call the model failed to write',
      'malformed',
      [{ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }],
    ],
    ['F30: an error', 'overloaded', [HELLO, { error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } }]],
    ['F30: an error without a code', 'server-error', [HELLO, { error: { message: 'Oops' } }]],
    ['F19: nothing', 'malformed', []],
  ])('%s is %s', (_what, kind, responses) => {
    expect(() => read(...responses)).toThrow(expect.objectContaining({ kind }));
  });

  it.each([
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['PROHIBITED_CONTENT', 'content-filter'],
    ['LANGUAGE', 'other'],
    ['constructor', 'other'],
  ])('F35: %s without content is an answer, finished by %s', (raw, finishReason) => {
    expect(read({ candidates: [{ finishReason: raw }], responseId: 'r1' })).toEqual([
      HEAD,
      { type: 'finish', choice: 0, finishReason, rawFinishReason: raw },
    ]);
  });

  it('F35: a blocked prompt is an answer without content', () => {
    expect(readWhole(json('blocked.json'))).toEqual([
      { type: 'response-start', id: 'c1pTaYmHGrqJvdIPxfaTkQE', model: 'gemini-2.5-flash' },
      { type: 'finish', choice: 0, finishReason: 'content-filter', rawFinishReason: 'PROHIBITED_CONTENT' },
      { type: 'usage', usage: tokenUsage({ input: 9 }) },
    ]);
    expect(collect(read(json('blocked.json')))).toEqual(collect(readWhole(json('blocked.json'))));
    expect(collect(readWhole(json('safety.json'))).choices[0]).toMatchObject({
      text: 'Once upon',
      finishReason: 'content-filter',
    });
  });

  it('F35: a block after some of the answer ends it, as a filter does', () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 3 } };
    expect(read(HELLO, blocked, HELLO, blocked)).toEqual([
      HEAD,
      TEXT,
      { type: 'finish', choice: 0, finishReason: 'content-filter', rawFinishReason: 'PROHIBITED_CONTENT' },
      { type: 'usage', usage: tokenUsage({ input: 3 }) },
    ]);
    const early = read(response([]), { promptFeedback: { blockReason: 'OTHER' } });
    expect(early.slice(1)).toEqual([
      { type: 'finish', choice: 0, finishReason: 'content-filter', rawFinishReason: 'OTHER' },
    ]);
    expect(read(HELLO, END, blocked).filter((event) => event.type === 'finish')).toHaveLength(1);
  });

  it('says that it lost an image, and that an answer of nothing else is one', () => {
    const warnings: string[] = [];
    const attempt = { ...ATTEMPT, warn: (message: string) => warnings.push(message) };
    const image = { inlineData: { mimeType: 'image/png', data: 'aGk=' } };
    const events = readReply(response([image, image], 'STOP'), attempt, null);
    expect(events).toEqual([HEAD, { type: 'finish', choice: 0, finishReason: 'stop', rawFinishReason: 'STOP' }]);
    expect(new Set(warnings)).toEqual(new Set([expect.stringContaining('dropped')]));
  });

  it('keeps candidates apart, and an empty one beside a full one', () => {
    const events = read(
      {
        candidates: [
          { index: 0, content: { parts: [{ text: 'a' }] } },
          { index: 1, finishReason: 'STOP' },
        ],
      },
      { candidates: [{ index: 0, content: { parts: [{ text: 'b' }] }, finishReason: 'STOP' }] },
    );
    expect(collect(events).choices).toMatchObject([
      { index: 0, text: 'ab', finishReason: 'stop' },
      { index: 1, text: '', finishReason: 'stop' },
    ]);
  });

  it('ignores parts and candidates that it does not know', () => {
    const odd = response([{ executableCode: { code: '1' } }, { text: 'Hello', novel: 1 }], 'STOP', { novel: {} });
    expect(read(odd).filter((event) => event.type === 'text-delta')).toEqual([TEXT]);
    expect(() => read({ candidates: [7, 'x'] })).toThrow(expect.objectContaining({ kind: 'interrupted' }));
  });

  it('gives log probabilities in the shape of OpenAI', () => {
    expect(collect(readWhole(json('logprobs.json'))).choices[0]?.logprobs).toEqual([
      {
        token: 'Yes',
        logprob: -0.25,
        bytes: [89, 101, 115],
        top_logprobs: [
          { token: 'Yes', logprob: -0.25, bytes: [89, 101, 115] },
          { token: 'Да', logprob: -1.5, bytes: [208, 148, 208, 176] },
        ],
      },
      { token: '.', logprob: 0, bytes: [46], top_logprobs: [{ token: '.', logprob: 0, bytes: [46] }] },
    ]);
  });
});

describe(readReply.name, () => {
  it('F32: tells of a usage that cannot be meant, and gives none', () => {
    let told = 0;
    const attempt = { implausibleUsage: () => (told += 1), warn: () => undefined };
    const events = readReply(
      { ...response([{ text: 'Hello' }], 'STOP'), usageMetadata: { promptTokenCount: -1 } },
      attempt,
      null,
    );
    expect(events.some((event) => event.type === 'usage')).toBe(false);
    expect(told).toBe(1);
    readReply(response([{ text: 'Hello' }], 'STOP'), attempt, null);
    expect(told).toBe(1);
  });

  it('reads a stream that came as one array', () => {
    expect(readWhole([HELLO, END])).toEqual(read(HELLO, END));
  });

  it.each([null, [], {}, [[]], 'text', 7, { candidates: null }])('F19: %j is malformed', (reply) => {
    expect(() => readWhole(reply)).toThrow(expect.objectContaining({ kind: 'malformed' }));
  });
});

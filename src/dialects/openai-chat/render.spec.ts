import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openAiSchemaCheck } from '../../../test/support/openai-schemas.js';
import { type Chunk, reassembleChunks } from '../../../test/support/reassemble-chunks.js';
import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { ChatCollector } from '../../core/chat/collect-chat.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { JsonObject } from '../../core/json.js';
import { renderChatResult } from './render-result.js';
import { renderChatStream } from './render-stream.js';

const checkReply = openAiSchemaCheck('CreateChatCompletionResponse');
const checkChunk = openAiSchemaCheck('CreateChatCompletionStreamResponse');

async function* replay(events: readonly ChatEvent[]): AsyncIterable<ChatEvent> {
  for (const event of events) yield event;
}

function toRequest(includeUsage: boolean): ChatRequest {
  const body: JsonObject = { stream: true, stream_options: { include_usage: includeUsage } };
  return { model: 'm', messages: [], stream: true, source: { dialect: 'openai-chat', body } };
}

async function framesOf(events: readonly ChatEvent[], includeUsage = false): Promise<string[]> {
  const frames: string[] = [];
  for await (const frame of renderChatStream(replay(events), toRequest(includeUsage))) frames.push(frame.data);
  return frames;
}

async function chunksOf(events: readonly ChatEvent[], includeUsage = false): Promise<JsonObject[]> {
  const frames = await framesOf(events, includeUsage);
  expect(frames.pop()).toBe('[DONE]');
  return frames.map((frame) => JSON.parse(frame) as JsonObject);
}

function resultOf(events: readonly ChatEvent[]): JsonObject {
  const collector = new ChatCollector();
  for (const event of events) collector.add(event);
  return renderChatResult(collector.result());
}

const REASONS: FinishReason[] = ['stop', 'length', 'tool-calls', 'content-filter', 'other'];
const logprob = { token: 'a', logprob: -0.5, bytes: null, top_logprobs: [] };

/** The events of one choice in an order that providers send: reasoning, text or refusal, tool calls, the end. */
const choiceEvents = (choice: number): fc.Arbitrary<ChatEvent[]> =>
  fc
    .record({
      reasoning: fc.array(fc.string({ minLength: 1 }), { maxLength: 3 }),
      texts: fc.array(fc.record({ text: fc.string({ unit: 'grapheme', minLength: 1 }), hasLogprob: fc.boolean() }), {
        maxLength: 4,
      }),
      refusals: fc.array(fc.string({ minLength: 1 }), { maxLength: 2 }),
      calls: fc.array(fc.array(fc.string(), { maxLength: 3 }), { maxLength: 3 }),
      reason: fc.constantFrom(...REASONS),
    })
    .map(({ reasoning, texts, refusals, calls, reason }) => [
      ...reasoning.map((text): ChatEvent => ({ type: 'reasoning-delta', choice, text })),
      ...texts.map(({ text, hasLogprob }): ChatEvent => ({
        type: 'text-delta',
        choice,
        text,
        logprobs: hasLogprob ? [logprob] : undefined,
      })),
      ...refusals.map((text): ChatEvent => ({ type: 'refusal-delta', choice, text })),
      ...calls.flatMap((pieces, index): ChatEvent[] => [
        { type: 'tool-call-start', choice, index, id: `call_${String(index)}`, name: 'look' },
        ...pieces.map((argumentsDelta): ChatEvent => ({ type: 'tool-call-delta', choice, index, argumentsDelta })),
      ]),
      { type: 'finish', choice, finishReason: reason },
    ]);

const usage: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 10, cachedInput: 4, output: 3, reasoning: 2 }) };
const start: ChatEvent = { type: 'response-start', id: 'msg_1', model: 'claude', createdAt: 1_700_000_000 };

const answers = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => choiceEvents(index))))
  .map((choices): ChatEvent[] => [start, ...choices.flat(), usage]);

describe('renderChatStream and renderChatResult', () => {
  it('say the same, and what the schemas demand, for any answer', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (events) => {
        const chunks = await chunksOf(events, true);
        const reply = resultOf(events);
        chunks.forEach(checkChunk);
        checkReply(reply);
        expect(withEmptyContent(reassembleChunks(chunks as unknown as Chunk[]))).toEqual(withEmptyContent(reply));
      }),
      { numRuns: 150 },
    );
  });

  it('put one id, date and model on all chunks, and the role on the first of each choice', async () => {
    const chunks = await chunksOf([
      start,
      { type: 'text-delta', choice: 0, text: 'a' },
      { type: 'text-delta', choice: 1, text: 'b' },
      { type: 'text-delta', choice: 0, text: 'c' },
      { type: 'finish', choice: 0, finishReason: 'stop' },
      usage,
    ]);
    const heads = new Set(chunks.map(({ id, created, model }) => JSON.stringify([id, created, model])));
    expect([...heads]).toEqual([JSON.stringify(['chatcmpl-msg_1', 1_700_000_000, 'claude'])]);
    const roles = (chunks as unknown as Chunk[]).map((chunk) => chunk.choices[0]?.delta.role);
    expect(roles).toEqual(['assistant', 'assistant', undefined, undefined]);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('count cached tokens as prompt tokens and reasoning as completion tokens', () => {
    expect(resultOf([start, { type: 'finish', choice: 0, finishReason: 'stop' }, usage]).usage).toMatchObject({
      prompt_tokens: 14,
      completion_tokens: 5,
      total_tokens: 19,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    });
  });

  it('never end a broken answer with [DONE]', async () => {
    async function* broken(): AsyncIterable<ChatEvent> {
      yield { type: 'text-delta', choice: 0, text: 'a' };
      throw new Error('cut');
    }
    const frames: string[] = [];
    const read = async (): Promise<void> => {
      for await (const frame of renderChatStream(broken(), toRequest(false))) frames.push(frame.data);
    };
    await expect(read()).rejects.toThrow('cut');
    expect(frames).toHaveLength(1);
    expect(frames[0]).not.toContain('"stop"');
  });

  it('close the source when the reader leaves, even before the first frame', async () => {
    let closed = 0;
    const source: AsyncIterableIterator<ChatEvent> = {
      next: () => Promise.resolve({ done: false, value: { type: 'text-delta', choice: 0, text: 'a' } }),
      return: () => Promise.resolve({ done: true, value: ++closed }),
      [Symbol.asyncIterator]: () => source,
    };
    await renderChatStream(source, toRequest(false))[Symbol.asyncIterator]().return?.();
    expect(closed).toBe(1);
  });
});

// A choice that got only an empty text and one that got none read the same to a client.
function withEmptyContent(reply: JsonObject): JsonObject {
  const copy = structuredClone(reply) as { choices: { message: { content: string | null } }[] };
  for (const { message } of copy.choices) message.content ??= '';
  return copy;
}

describe('an upstream of the same dialect', () => {
  const head = { id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 5, model: 'up', vendor_extra: { a: 1 } };

  function relayed(value: JsonObject, ...events: ChatEvent[]): ChatEvent[] {
    const wire = { dialect: 'openai-chat', value } as const;
    return events.map((event) => ({ ...event, wire }));
  }

  const opening = relayed(
    { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi', odd: true }, finish_reason: null }] },
    { type: 'response-start', id: 'chatcmpl-up', model: 'up', createdAt: 5 },
    { type: 'text-delta', choice: 0, text: 'Hi' },
  );
  const ending = relayed(
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { prompt_tokens: 1 } },
    { type: 'finish', choice: 0, finishReason: 'stop' },
    { type: 'usage', usage: tokenUsage({ input: 1 }) },
  );
  const counted = relayed(
    { ...head, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, odd: 1 } },
    { type: 'usage', usage: tokenUsage({ input: 1, output: 1 }) },
  );

  it('has its chunks relayed once each, without the usage that nobody asked for', async () => {
    expect(await chunksOf([...opening, ...ending, ...counted])).toEqual([
      { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi', odd: true }, finish_reason: null }] },
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ]);
  });

  it('has its usage in one chunk at the end, and null before, when it was asked for', async () => {
    const chunks = await chunksOf([...opening, ...ending, ...counted], true);
    expect(chunks.map((chunk) => chunk.usage)).toEqual([
      null,
      null,
      { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, odd: 1 },
    ]);
    expect(chunks.at(-1)).toMatchObject({ ...head, choices: [] });
    chunks.forEach(checkChunk);
  });

  it('gets a usage chunk of ours under its own id when it sent none', async () => {
    const chunks = await chunksOf([...opening, { type: 'usage', usage: tokenUsage({ input: 3, output: 1 }) }], true);
    expect(chunks.at(-1)).toMatchObject({ id: 'chatcmpl-up', created: 5, choices: [], usage: { total_tokens: 4 } });
  });

  it('gets the members it left out, so that its chunks are valid', async () => {
    const bare = relayed(
      { choices: [{ delta: { content: 'x' } }] },
      { type: 'response-start', id: '', model: 'up' },
      { type: 'text-delta', choice: 0, text: 'x' },
    );
    const chunks = await chunksOf(bare);
    chunks.forEach(checkChunk);
    expect(chunks[0]).toMatchObject({ object: 'chat.completion.chunk', choices: [{ index: 0, finish_reason: null }] });
  });

  it('keeps what it says before its answer, under the id and model of the answer', async () => {
    const filter = { prompt_index: 0, content_filter_results: {} };
    const early = relayed(
      { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [filter] },
      { type: 'passthrough' },
    );
    const chunks = await chunksOf([...early, ...opening, ...ending]);
    chunks.forEach(checkChunk);
    expect(chunks[0]).toMatchObject({ id: 'chatcmpl-up', created: 5, model: 'up', prompt_filter_results: [filter] });
    expect(new Set(chunks.map((chunk) => chunk.id))).toEqual(new Set(['chatcmpl-up']));
    expect(chunks).toHaveLength(3);
  });

  it('has one id, also when its first chunk had to be mended', async () => {
    const mended: ChatEvent[] = [
      { type: 'response-start', id: 'gen-1', model: 'up', createdAt: 5 },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: 'look' },
    ];
    const last = relayed(
      { ...head, id: 'gen-1', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      { type: 'finish', choice: 0, finishReason: 'tool-calls' },
    );
    const chunks = await chunksOf([...mended, ...last]);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  it('gets a counted usage into its reply, and the finish reason that was read', () => {
    const message = { role: 'assistant', content: null, refusal: null, tool_calls: [] };
    const reply = { ...head, object: 'chat.completion', choices: [{ index: 0, message, logprobs: null }], usage: null };
    const rendered = resultOf([
      ...relayed(reply, { type: 'finish', choice: 0, finishReason: 'tool-calls' }),
      { type: 'usage', usage: tokenUsage({ input: 3, output: 2, estimated: true }) },
    ]);
    expect(rendered).toMatchObject({
      vendor_extra: { a: 1 },
      choices: [{ finish_reason: 'tool_calls' }],
      usage: { total_tokens: 5 },
    });
    checkReply(rendered);
  });

  it('keeps its id when it left out another member', () => {
    const choices = [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }];
    const event: ChatEvent = { type: 'text-delta', choice: 0, text: 'Hi' };
    expect(resultOf(relayed({ id: 'gen-1', choices }, event)).id).toBe('gen-1');
  });

  it('has its reply relayed whole, and completed where it must be', () => {
    const message = { role: 'assistant', content: 'Hi', refusal: null, odd: [1] };
    const reply = {
      ...head,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    };
    const events = relayed(reply, { type: 'text-delta', choice: 0, text: 'Hi' });
    expect(resultOf(events)).toBe(reply);
    const bare = resultOf(
      relayed({ choices: [{ message: { content: 'Hi' } }] }, { type: 'text-delta', choice: 0, text: 'Hi' }),
    );
    checkReply(bare);
    expect(bare).toMatchObject({ choices: [{ message: { content: 'Hi', role: 'assistant', refusal: null } }] });
  });
});

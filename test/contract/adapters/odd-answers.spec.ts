import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import { ChatCollector } from '../../../src/core/chat/collect-chat.js';
import type { JsonObject, JsonValue } from '../../../src/core/json.js';
import { parseChatRequest } from '../../../src/dialects/openai-chat/parse-chat-request.js';
import { renderChatResult } from '../../../src/dialects/openai-chat/render-result.js';
import { renderChatStream } from '../../../src/dialects/openai-chat/render-stream.js';
import { openAiSchemaCheck } from '../../support/openai-schemas.js';
import { fixture, testAttempt } from './adapter-under-test.js';
import { ADAPTERS } from './adapters.js';
import { listFixtures, readStream } from './read-wire.js';

const FAILURE = /\.(\d{3})\.json$/;
const checkChunk = openAiSchemaCheck('CreateChatCompletionStreamResponse');
const checkReply = openAiSchemaCheck('CreateChatCompletionResponse');

const [OPENAI, ANTHROPIC] = ['OpenAiAdapter for a compatible server', 'AnthropicAdapter'].map((name) => {
  const adapter = ADAPTERS.find((each) => each.name === name);
  if (!adapter) throw new Error(`There is no ${name}.`);
  return adapter;
}) as [(typeof ADAPTERS)[number], (typeof ADAPTERS)[number]];

/** What an OpenAI client of the gateway sees of a reply; checked against OpenAI's own schema. */
function seenWhole({ createProtocol }: (typeof ADAPTERS)[number], reply: unknown): JsonObject {
  const collector = new ChatCollector();
  for (const event of createProtocol(testAttempt(), { finishReasonOptional: true }).readReply(reply))
    collector.add(event);
  const seen = JSON.parse(JSON.stringify(renderChatResult(collector.result()))) as JsonObject;
  checkReply(seen);
  return seen;
}

/** What it sees of a stream: its chunks, each of them checked. */
async function seenStream(
  { createProtocol }: (typeof ADAPTERS)[number],
  bytes: Buffer,
): Promise<{ chunks: JsonObject[]; error: unknown }> {
  const reader = createProtocol(testAttempt(), { finishReasonOptional: true }).createStreamReader();
  const { events, error } = await readStream(reader, [bytes]);
  const body = { model: 'm', messages: [{ role: 'user', content: 'a' }], stream: true };
  const chunks: JsonObject[] = [];
  for (const options of [{}, { stream_options: { include_usage: true } }]) {
    for await (const { data } of renderChatStream(toAsync(events), parseChatRequest({ ...body, ...options }))) {
      if (data === '[DONE]') continue;
      const chunk = JSON.parse(data) as JsonObject;
      checkChunk(chunk);
      if ('stream_options' in options) chunks.push(chunk);
    }
  }
  return { chunks, error };
}

async function* toAsync(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  await Promise.resolve();
  yield* events;
}

describe('every answer of the corpus fits the schema of an OpenAI client', () => {
  for (const adapter of ADAPTERS) {
    for (const folder of adapter.folders) {
      it.each(listFixtures(folder, '.sse'))(`${adapter.name}: ${folder}/%s`, async (name) => {
        await seenStream(adapter, fixture(folder, name));
      });

      const replies = listFixtures(folder, '.json').filter((name) => !name.startsWith('embed') && !FAILURE.test(name));
      it.each(replies)(`${adapter.name}: ${folder}/%s`, (name) => {
        const reply = JSON.parse(fixture(folder, name).toString()) as unknown;
        const read = (): unknown =>
          adapter.createProtocol(testAttempt(), { finishReasonOptional: true }).readReply(reply);
        let isAnswer = true;
        try {
          read();
        } catch {
          isAnswer = false;
        }
        if (isAnswer) seenWhole(adapter, reply);
      });
    }
  }
});

const HEAD = { id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
const END = { ...HEAD, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };

function chunk(delta: JsonValue, rest: JsonObject = {}): JsonObject {
  return { ...HEAD, choices: [{ index: 0, delta, finish_reason: null, ...rest }] };
}

function sse(...chunks: JsonObject[]): Buffer {
  return Buffer.from(`${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`);
}

describe('what compatible servers write beside the schema reaches no client', () => {
  it.each<[string, JsonObject[]]>([
    [
      'a delta that is null',
      [
        chunk({ role: 'assistant', content: 'a' }),
        { ...END, choices: [{ index: 0, delta: null, finish_reason: 'stop' }] },
      ],
    ],
    ['an index that is null', [chunk({ content: 'a' }, { index: null }), END]],
    ['an index that is a text', [chunk({ content: 'a' }, { index: '0' }), END]],
    [
      'members of a delta that are null',
      [chunk({ content: 'a', tool_calls: null, function_call: null, role: null, refusal: null }), END],
    ],
    [
      'log probabilities without refusals',
      [
        chunk(
          { content: 'a' },
          { logprobs: { content: [{ token: 'a', logprob: -1, bytes: null, top_logprobs: [] }] } },
        ),
        END,
      ],
    ],
    [
      'log probabilities of another kind',
      [chunk({ content: 'a' }, { logprobs: { tokens: ['a'], token_logprobs: [-1] } }), END],
    ],
    ['a reason that nobody knows', [chunk({ content: 'a' }), chunk({}, { finish_reason: 'abort' })]],
    ['a fraction of a second', [{ ...chunk({ content: 'a' }), created: 1.5 }, END]],
    ['a time past all numbers', [{ ...chunk({ content: 'a' }), created: 1e300 }, END]],
    [
      'a usage without its total',
      [chunk({ content: 'a' }), { ...END, usage: { prompt_tokens: 1, completion_tokens: 2 } }],
    ],
    [
      'a usage whose details are null',
      [
        chunk({ content: 'a' }),
        END,
        {
          ...HEAD,
          choices: [],
          usage: {
            prompt_tokens: 1,
            completion_tokens: 2,
            total_tokens: 3,
            prompt_tokens_details: null,
            completion_tokens_details: null,
          },
        },
      ],
    ],
    [
      'an absurd usage',
      [chunk({ content: 'a' }), END, { ...HEAD, choices: [], usage: { prompt_tokens: -1, completion_tokens: '2' } }],
    ],
    ['a finish without an answer', [END]],
    [
      'a tool call with an index below zero',
      [
        chunk({
          tool_calls: [{ index: -1, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        }),
        END,
      ],
    ],
    [
      'a tool call without a name',
      [chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { arguments: '{}' } }] }), END],
    ],
    ['only reasoning', [chunk({ reasoning_content: 'hm' }), END]],
    [
      'a list of choices with holes',
      [{ ...HEAD, choices: [null, { index: 0, delta: { content: 'a' }, finish_reason: null }] }, END],
    ],
  ])('in a stream: %s', async (_what, chunks) => {
    await seenStream(OPENAI, sse(...chunks));
  });

  const REPLY = { id: 'c-1', object: 'chat.completion', created: 1, model: 'm' };
  it.each<[string, JsonObject]>([
    [
      'a message with nulls',
      {
        message: {
          role: 'assistant',
          content: 'a',
          tool_calls: null,
          function_call: null,
          audio: null,
          annotations: null,
        },
      },
    ],
    ['only reasoning', { message: { role: 'assistant', content: null, reasoning_content: 'hm' } }],
    ['an index that is null', { index: null, message: { role: 'assistant', content: 'a' } }],
    ['log probabilities without refusals', { message: { role: 'assistant', content: 'a' }, logprobs: { content: [] } }],
    [
      'log probabilities of another kind',
      { message: { role: 'assistant', content: 'a' }, logprobs: { tokens: ['a'] } },
    ],
    ['a reason that nobody knows', { message: { role: 'assistant', content: 'a' }, finish_reason: 'abort' }],
    ['no reason', { message: { role: 'assistant', content: 'a' }, finish_reason: null }],
    ['an empty answer', { message: { role: 'assistant', content: '' } }],
  ])('whole: %s', (_what, choice) => {
    seenWhole(OPENAI, { ...REPLY, choices: [{ index: 0, finish_reason: 'stop', ...choice }] });
  });

  it.each<[string, JsonObject]>([
    ['a fraction of a second', { created: 1.5 }],
    ['a usage without its total', { usage: { prompt_tokens: 1, completion_tokens: 2 } }],
    [
      'a usage whose details are null',
      { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, prompt_tokens_details: null } },
    ],
    ['an absurd usage', { usage: { prompt_tokens: -1 } }],
    ['a usage that is null', { usage: null }],
  ])('whole: %s', (_what, rest) => {
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'a' } }];
    seenWhole(OPENAI, { ...REPLY, choices, ...rest });
  });
});

it('a lone half of a code point arrives as it was sent', async () => {
  const half = '\ud83d';
  const { chunks } = await seenStream(
    OPENAI,
    sse(chunk({ role: 'assistant', content: half }), chunk({ content: '\udc4b' }), END),
  );
  expect(JSON.stringify(chunks)).toContain('"\\ud83d"');
  const message = { id: 'msg_1', model: 'm', content: [{ type: 'text', text: half }], stop_reason: 'end_turn' };
  expect(seenWhole(ANTHROPIC, message)).toMatchObject({ choices: [{ message: { content: half } }] });
});

import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import type { ChatChoice } from '../../../src/core/chat/chat-result.js';
import { ChatCollector } from '../../../src/core/chat/collect-chat.js';
import { tokenUsage, type TokenUsage } from '../../../src/core/chat/token-usage.js';
import { renderChatStream } from '../../../src/dialects/openai-chat/render-stream.js';
import { OpenAiAdapter } from '../../../src/providers/adapters/openai/openai-adapter.js';
import { ProviderError } from '../../../src/providers/provider-error.js';
import { chatRequest, createTransport, drain, fixture, providerConfig, testAttempt } from './adapter-under-test.js';
import { comparable } from './read-wire.js';
import { ScriptedServer } from './scripted-server.js';

/** What stands in `expected/` beside the fixtures: the choices and the usage, or the kind of the failure. */
interface Expectation {
  finishReasonOptional?: boolean;
  choices?: ExpectedChoice[];
  usage?: Partial<TokenUsage> | null;
  /** Whether every event can go on as it came to a client of the same dialect. */
  isRelayed?: boolean;
  /** The finish reason that such a client sees. */
  relayedFinish?: string;
  error?: string;
  /** The text that came before the failure. */
  before?: string;
  param?: string;
  retryAfterMs?: number;
}

interface ExpectedChoice {
  text: string;
  reasoning?: string;
  /** Id (`made` where the server gave none), name and arguments. */
  toolCalls?: [string, string, string][];
  finishReason: string;
  raw?: string;
}

describe.each([
  ['openai-compatible', 'openai-compatible'],
  ['openai-azure', 'azure-openai'],
] as const)('the habits in %s', (folder, type) => {
  const transport = createTransport();
  const server = new ScriptedServer();

  beforeAll(() => server.start());
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  const ask = (name: string, finishReasonOptional: boolean): ReturnType<typeof drain> => {
    const isStream = name.endsWith('.sse');
    const [, status = '200'] = /\.(\d{3})\.json$/.exec(name) ?? [];
    server.answer = (response) =>
      response
        .writeHead(Number(status), { 'content-type': isStream ? 'text/event-stream' : 'application/json' })
        .end(fixture(folder, name));
    const azure = type === 'azure-openai' ? { apiVersion: null, deployments: {} } : null;
    const adapter = new OpenAiAdapter(providerConfig(type, server.url, { finishReasonOptional, azure }), transport);
    return drain(adapter.chat('m', chatRequest({ stream: isStream }), testAttempt()));
  };

  it.each(listNames(folder))('%s', async (name) => {
    const expected = readExpectation(folder, name);
    const { events, error } = await ask(name, expected.finishReasonOptional ?? false);
    if (expected.error !== undefined) {
      const { kind, param, retryAfterMs } = error as ProviderError;
      expect(error).toBeInstanceOf(ProviderError);
      expect({ kind, param, retryAfterMs }).toEqual({
        kind: expected.error,
        param: expected.param,
        retryAfterMs: expected.retryAfterMs,
      });
      expect(collect(events).choices[0]?.text).toBe(expected.before);
      return;
    }
    expect(error).toBeNull();
    const result = collect(events);
    expect(result.choices.map(summary)).toEqual(expected.choices?.map(withDefaults));
    for (const [position, { raw }] of (expected.choices ?? []).entries()) {
      if (raw !== undefined) expect(result.choices[position]?.rawFinishReason).toBe(raw);
    }
    expect(result.usage).toEqual(expected.usage ? tokenUsage(expected.usage) : null);
    expect(events.every((event) => event.wire !== undefined)).toBe(expected.isRelayed);
    if (expected.relayedFinish !== undefined) expect(relayedFinish(events)).toBe(expected.relayedFinish);
    if (name.endsWith('.sse')) expect(await readByOfficialClient(events)).toMatchObject(messagesOf(result));
  });

  describe('a server that refuses to be asked for the usage of a stream', () => {
    const refusal = { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'] }] };
    const refuse = (response: ServerResponse, status: number): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
    };
    const takeWithoutQuestion =
      (status: number): ScriptedServer['answer'] =>
      (response, request) => {
        if (request.body.stream_options !== undefined) refuse(response, status);
        else
          response
            .setHeader('content-type', 'text/event-stream')
            .end(fixture('openai-compatible', 'vllm-no-usage.sse'));
      };
    const create = (): OpenAiAdapter => {
      const azure = type === 'azure-openai' ? { apiVersion: null, deployments: {} } : null;
      return new OpenAiAdapter(providerConfig(type, server.url, { azure }), transport);
    };
    const asked = (from: number): boolean[] =>
      server.requests.slice(from).map(({ body: sent }) => sent.stream_options !== undefined);

    it.each([400, 422])('with %s is asked again without it, and later requests know', async (status) => {
      server.answer = takeWithoutQuestion(status);
      const adapter = create();
      const before = server.requests.length;
      const request = chatRequest();

      const refused = await drain(adapter.chat('m', request, testAttempt()));
      expect(refused.error).toMatchObject({ kind: 'invalid-request', status, sendAgain: true });
      for (const next of [request, chatRequest()]) {
        const { events, error } = await drain(adapter.chat('m', next, testAttempt()));
        expect(error).toBeNull();
        expect(collect(events).choices[0]?.text).toBe('Grüezi 👋');
      }

      expect(asked(before)).toEqual([true, false, false]);
    });

    it('may refuse it for one model and not for another', async () => {
      server.answer = takeWithoutQuestion(400);
      const adapter = create();
      const before = server.requests.length;
      const request = chatRequest();
      for (let count = 0; count < 2; count += 1) await drain(adapter.chat('one', request, testAttempt()));
      await drain(adapter.chat('other', chatRequest(), testAttempt()));
      expect(asked(before)).toEqual([true, false, true]);
    });

    it('is not believed when it refuses the request without the question too: it repeats what a client wrote', async () => {
      server.answer = (response) => {
        refuse(response, 400);
      };
      const adapter = create();
      const before = server.requests.length;
      const request = chatRequest();
      await drain(adapter.chat('m', request, testAttempt()));
      const again = await drain(adapter.chat('m', request, testAttempt()));
      expect(again.error).toMatchObject({ kind: 'invalid-request', sendAgain: false });
      await drain(adapter.chat('m', chatRequest(), testAttempt()));
      expect(asked(before)).toEqual([true, false, true]);
    });

    it('is right to refuse options of the client itself', async () => {
      server.answer = takeWithoutQuestion(400);
      const body = { messages: [{ role: 'user', content: 'a' }], stream: true, stream_options: { gremlins: true } };
      const request = chatRequest({ source: { dialect: 'openai-chat', body } });
      const { error } = await drain(create().chat('m', request, testAttempt()));
      expect(error).toMatchObject({ kind: 'invalid-request', sendAgain: false });
    });
  });
});

function listNames(folder: string): string[] {
  return readdirSync(new URL(`../../fixtures/wire/${folder}`, import.meta.url)).filter((name) => name !== 'expected');
}

function readExpectation(folder: string, name: string): Expectation {
  const file = name.endsWith('.sse') ? `${name}.json` : name;
  const url = new URL(`../../fixtures/wire/${folder}/expected/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Expectation;
}

function collect(events: readonly ChatEvent[]): ReturnType<ChatCollector['result']> {
  const collector = new ChatCollector();
  for (const event of events) collector.add(comparable(event));
  return collector.result();
}

function summary(choice: ChatChoice): unknown {
  return {
    text: choice.text,
    reasoning: choice.reasoning.map(({ text }) => text).join(''),
    toolCalls: choice.toolCalls.map((call) => [call.id, call.name, call.arguments]),
    finishReason: choice.finishReason,
  };
}

function withDefaults({ text, reasoning = '', toolCalls = [], finishReason }: ExpectedChoice): unknown {
  return { text, reasoning, toolCalls, finishReason };
}

/** What the official client makes of the answer as it goes on to it; it insists on roles, ids, types and a reason. */
async function readByOfficialClient(events: readonly ChatEvent[]): Promise<unknown> {
  const frames = renderChatStream(toAsync(events), chatRequest());
  const lines: string[] = [];
  for await (const { data } of frames) if (data !== '[DONE]') lines.push(`${data}\n`);
  const stream = ChatCompletionStream.fromReadableStream(new Blob(lines).stream());
  return (await stream.finalChatCompletion()).choices;
}

function messagesOf(result: ReturnType<typeof collect>): object[] {
  return result.choices.map(({ index, text, toolCalls }) => ({
    index,
    message: {
      role: 'assistant',
      ...(text !== '' && { content: text }),
      ...(toolCalls.length > 0 && {
        tool_calls: toolCalls.map((call) => ({
          type: 'function',
          id: call.id === 'made' ? expect.stringMatching(/^call_/) : call.id,
          function: { name: call.name, arguments: call.arguments },
        })),
      }),
    },
  }));
}

async function* toAsync(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  await Promise.resolve();
  yield* events;
}

function relayedFinish(events: readonly ChatEvent[]): unknown {
  const wire = events.find((event) => event.type === 'finish')?.wire?.value as {
    choices: { finish_reason: unknown }[];
  };
  return wire.choices[0]?.finish_reason;
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import { chatRequest, createTransport, CREDENTIAL, drain, fixture, kindOf, testAttempt } from './adapter-under-test.js';
import { ADAPTERS } from './adapters.js';
import { ScriptedServer } from './scripted-server.js';

describe.each(ADAPTERS)('$name', ({ vendor, create, credentialOf, modelOf, isStream }) => {
  const transport = createTransport();
  const server = new ScriptedServer();

  beforeAll(() => server.start());
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  const ask = (attempt = testAttempt()): Promise<{ events: ChatEvent[]; error: unknown }> =>
    drain(create(server.url, transport).chat?.('m', chatRequest(), attempt) ?? nothing());
  const sse = (response: ServerResponse): ServerResponse => response.setHeader('content-type', 'text/event-stream');
  const wire = fixture(vendor, 'text.sse').toString();
  const beforeFinish = wire.slice(0, wire.indexOf('🚲'));

  it.each(['before the head', 'in the middle of the stream'])(
    'F22: the signal %s closes the connection',
    async (when) => {
      const controller = new AbortController();
      const arrived = new Promise<void>((resolve) => {
        server.answer = (response) => {
          if (when === 'before the head') resolve();
          else
            sse(response).write(beforeFinish, () => {
              resolve();
            });
        };
      });
      const outcome = ask(testAttempt({ signal: controller.signal }));
      await arrived;
      const closed = server.nextClose();
      controller.abort(new Error('the client left'));
      expect(kindOf((await outcome).error)).toBe('aborted');
      await closed;
    },
  );

  it('a signal that fired before the request sends nothing', async () => {
    const before = server.requests.length;
    expect(kindOf((await ask(testAttempt({ signal: AbortSignal.abort() }))).error)).toBe('aborted');
    expect(server.requests.length).toBe(before);
  });

  it('leaving the loop closes the connection, also while it waits', async () => {
    server.answer = (response) => sse(response).write(beforeFinish);
    const closedEarly = server.nextClose();
    for await (const event of create(server.url, transport).chat?.('m', chatRequest(), testAttempt()) ?? nothing()) {
      if (event.type === 'text-delta') break;
    }
    await closedEarly;

    const arrived = new Promise<void>((resolve) => {
      server.answer = () => {
        resolve();
      };
    });
    const waiting = create(server.url, transport).chat?.('m', chatRequest(), testAttempt())[Symbol.asyncIterator]();
    const next = waiting?.next();
    await arrived;
    const closed = server.nextClose();
    await waiting?.return?.();
    await closed;
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('asks for nothing before the first next()', () => {
    const before = server.requests.length;
    create(server.url, transport).chat?.('m', chatRequest(), testAttempt());
    expect(server.requests.length).toBe(before);
  });

  it('sends the credential and the model', async () => {
    server.answer = (response) => sse(response).end(wire);
    await ask();
    const [seen] = server.requests.slice(-1);
    if (!seen) throw new Error('Nothing was sent.');
    expect(credentialOf(seen)).toBe(CREDENTIAL);
    expect(modelOf(seen)).toBe('m');
    expect(isStream(seen)).toBe(true);
  });
});

async function* nothing(): AsyncGenerator<ChatEvent> {
  yield* [];
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { collectChat } from '../../../src/core/chat/collect-chat.js';
import type { ChatResult } from '../../../src/core/chat/chat-result.js';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import { chatRequest, createTransport, fixture, testAttempt } from './adapter-under-test.js';
import { ADAPTERS } from './adapters.js';
import { ScriptedServer } from './scripted-server.js';

const ANSWERS = ['text', 'tools', 'reasoning'];

describe.each(ADAPTERS)('$name', ({ vendor, create, isStream, isRelayed }) => {
  const transport = createTransport();
  const server = new ScriptedServer();

  beforeAll(() => server.start());
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  it.each(ANSWERS)('a streamed and an unstreamed %s answer collect to the same result', async (name) => {
    server.answer = (response, request) => {
      const streams = isStream(request);
      response.setHeader('content-type', streams ? 'text/event-stream; charset=utf-8' : 'application/json');
      response.end(fixture(vendor, `${name}.${streams ? 'sse' : 'json'}`));
    };
    const adapter = create(server.url, transport);

    const streamed = await collect(adapter.chat?.('m', chatRequest({ stream: true }), testAttempt()));
    const whole = await collect(adapter.chat?.('m', chatRequest({ stream: false }), testAttempt()));

    expect(withoutWire(streamed)).toEqual(withoutWire(whole));
    expect(withoutWire(whole)).toMatchSnapshot();
  });

  const whose = isRelayed ? 'the whole reply' : 'nothing';
  it(`gives every event of an unstreamed answer ${whose} as its wire object`, async () => {
    server.answer = (response) =>
      response.setHeader('content-type', 'application/json').end(fixture(vendor, 'text.json'));
    const adapter = create(server.url, transport);

    const whole = await collect(adapter.chat?.('m', chatRequest({ stream: false }), testAttempt()));

    const reply: unknown = JSON.parse(fixture(vendor, 'text.json').toString());
    expect(whole.wire?.value).toEqual(isRelayed ? reply : undefined);
  });

  it('keeps its connection for the next request', async () => {
    server.answer = (response) =>
      response.setHeader('content-type', 'text/event-stream').end(fixture(vendor, 'text.sse'));
    const adapter = create(server.url, transport);
    await collect(adapter.chat?.('m', chatRequest(), testAttempt()));
    const before = server.connections;

    for (let count = 0; count < 5; count += 1) await collect(adapter.chat?.('m', chatRequest(), testAttempt()));

    expect(server.connections).toBe(before);
  });
});

async function collect(events: AsyncIterable<ChatEvent> | undefined): Promise<ChatResult> {
  if (!events) throw new Error('The adapter has no chat.');
  return collectChat(events);
}

function withoutWire(result: ChatResult): ChatResult {
  return { ...result, wire: undefined };
}

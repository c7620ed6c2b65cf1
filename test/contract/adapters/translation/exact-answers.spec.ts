import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../../src/core/chat/chat-event.js';
import { chatRequest, createTransport, drain, fixture, testAttempt } from '../adapter-under-test.js';
import { ADAPTERS } from '../adapters.js';
import { ScriptedServer } from '../scripted-server.js';
import { RENDERERS } from './renderers.js';
import { saidByEvents } from './said.js';

const BIG = '18446744073709551615';

describe.each([...ADAPTERS])('a number beyond 2^53 that $name reads', ({ vendor, create, isRelayed }) => {
  const transport = createTransport();
  const server = new ScriptedServer();

  beforeAll(() => server.start());
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  const ask = async (text: string, stream: boolean): Promise<readonly ChatEvent[]> => {
    server.answer = (response) => {
      response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json').end(text);
    };
    const chat = create(server.url, transport).chat?.('m', chatRequest({ stream }), testAttempt());
    const { events, error } = await drain(chat ?? nothing());
    expect(error).toBeNull();
    return events;
  };

  it('keeps its digits where the provider says more than we know', async () => {
    const whole = await ask(fixture(vendor, 'text.json').toString().replace('{', `{"x_big":${BIG},`), false);
    const streamed = await ask(
      fixture(vendor, 'text.sse').toString().replaceAll('data: {', `data: {"x_big":${BIG},`),
      true,
    );
    if (!isRelayed) return;
    const renderer = RENDERERS.find(({ name }) => name === whole[0]?.wire?.dialect);
    if (!renderer) throw new Error('Nobody relays it.');
    expect(JSON.stringify(renderer.whole(whole))).toContain(BIG);
    for await (const { data } of renderer.stream(iterate(streamed))) {
      if (data.includes('x_big')) expect(data).toContain(BIG);
    }
  });

  it('keeps its digits in the arguments of a call', async () => {
    const reply = fixture(vendor, 'tools.json')
      .toString()
      .replace(/"(input|args)":\s*\{/, `"$1":{"big":${BIG},`)
      .replace(/("arguments":\s*"\{)/, `$1\\"big\\":${BIG},`);
    expect(reply).toContain(BIG);
    const { calls } = saidByEvents(await ask(reply, false));
    expect(calls[0]?.arguments).toContain(BIG);
  });
});

async function* iterate(events: readonly ChatEvent[]): AsyncGenerator<ChatEvent> {
  await Promise.resolve();
  yield* events;
}

async function* nothing(): AsyncGenerator<never> {
  yield* [];
}

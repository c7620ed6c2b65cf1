import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { collectChat } from '../../../src/core/chat/collect-chat.js';
import type { ChatResult } from '../../../src/core/chat/chat-result.js';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import { SystemClock } from '../../../src/core/clock.js';
import { AnthropicProtocol } from '../../../src/providers/adapters/anthropic/anthropic-protocol.js';
import { OpenAiProtocol } from '../../../src/providers/adapters/openai/openai-protocol.js';
import type { ByteSource } from '../../../src/providers/transport/byte-source.js';
import { ChatEventStream } from '../../../src/providers/transport/chat-event-stream.js';
import type { ChatStreamReader } from '../../../src/providers/transport/chat-protocol.js';
import { SseReader } from '../../../src/providers/transport/sse-reader.js';
import { StreamBatches } from '../../../src/providers/transport/stream-batches.js';
import { TRANSPORT_LIMITS } from '../../../src/providers/transport/transport-limits.js';
import { ADAPTERS, chatRequest, createTransport, drain, fixture, testAttempt } from './adapter-under-test.js';
import { ScriptedServer } from './scripted-server.js';

const ANSWERS = ['text', 'tools', 'reasoning'];
const VENDORS = ['openai', 'anthropic'] as const;

describe.each(ADAPTERS)('$name', ({ vendor, create }) => {
  const transport = createTransport();
  const server = new ScriptedServer();

  beforeAll(() => server.start());
  afterAll(async () => {
    await transport.close();
    await server.stop();
  });

  it.each(ANSWERS)('a streamed and an unstreamed %s answer collect to the same result', async (name) => {
    server.answer = (response, request) => {
      const isStream = request.body.stream === true;
      response.setHeader('content-type', isStream ? 'text/event-stream; charset=utf-8' : 'application/json');
      response.end(fixture(vendor, `${name}.${isStream ? 'sse' : 'json'}`));
    };
    const adapter = create(server.url, transport);

    const streamed = await collect(adapter.chat?.('m', chatRequest({ stream: true }), testAttempt()));
    const whole = await collect(adapter.chat?.('m', chatRequest({ stream: false }), testAttempt()));

    expect(withoutWire(streamed)).toEqual(withoutWire(whole));
    expect(withoutWire(whole)).toMatchSnapshot();
  });

  it('gives every event of an unstreamed answer the whole reply as its wire object', async () => {
    server.answer = (response) =>
      response.setHeader('content-type', 'application/json').end(fixture(vendor, 'text.json'));
    const adapter = create(server.url, transport);

    const whole = await collect(adapter.chat?.('m', chatRequest({ stream: false }), testAttempt()));

    expect(whole.wire?.value).toEqual(JSON.parse(fixture(vendor, 'text.json').toString()));
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

describe.each(VENDORS)('stream of %s', (vendor) => {
  it.each(ANSWERS)('F29: %s cut at every byte gives the same events', async (name) => {
    const bytes = fixture(vendor, `${name}.sse`);
    const expected = await read(vendor, [bytes]);
    expect(expected.length).toBeGreaterThan(5);

    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(await read(vendor, [bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
    }
    expect(
      await read(
        vendor,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(expected);
  });

  it.each([
    ['CRLF line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['CR line ends', (text: string) => text.replaceAll('\n', '\r')],
    ['a byte order mark', (text: string) => `\uFEFF${text}`],
    [
      'comments and unknown fields',
      (text: string) => text.replaceAll('data: ', ': hello\nid: 7\nretry: 10\nnonsense\ndata: '),
    ],
    ['data over several lines', (text: string) => text.replaceAll(',"', ',\ndata: "')],
    ['no space after the colon', (text: string) => text.replaceAll('data: ', 'data:')],
    ['no empty line at the end', (text: string) => text.trimEnd()],
  ])('F29: %s change nothing', async (_what, change) => {
    const text = fixture(vendor, 'text.sse').toString();

    const events = await read(vendor, [Buffer.from(change(text))]);

    expect(events).toEqual(await read(vendor, [Buffer.from(text)]));
  });
});

async function collect(events: AsyncIterable<ChatEvent> | undefined): Promise<ChatResult> {
  if (!events) throw new Error('The adapter has no chat.');
  return collectChat(events);
}

function withoutWire(result: ChatResult): ChatResult {
  return { ...result, wire: undefined };
}

async function read(vendor: (typeof VENDORS)[number], pieces: readonly Uint8Array[]): Promise<ChatEvent[]> {
  const frames = new SseReader(sourceOf(pieces), TRANSPORT_LIMITS);
  const stream = new ChatEventStream(() => Promise.resolve(new StreamBatches(frames, readerOf(vendor))));
  const { events, error } = await drain(stream);
  if (error !== null) throw error as Error;
  return events;
}

function readerOf(vendor: (typeof VENDORS)[number]): ChatStreamReader {
  const clock = new SystemClock();
  const protocol =
    vendor === 'openai' ? new OpenAiProtocol(testAttempt(), clock, false) : new AnthropicProtocol(testAttempt(), clock);
  return protocol.createStreamReader();
}

function sourceOf(pieces: readonly Uint8Array[]): ByteSource {
  const rest = [...pieces];
  return {
    read: () => Promise.resolve(rest.shift() ?? null),
    destroy: () => undefined,
    release: () => undefined,
  };
}

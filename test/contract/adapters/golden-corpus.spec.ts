import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../../src/core/chat/chat-event.js';
import type { ChatResult } from '../../../src/core/chat/chat-result.js';
import { ChatCollector } from '../../../src/core/chat/collect-chat.js';
import { ProviderError } from '../../../src/providers/provider-error.js';
import { fixture, testAttempt } from './adapter-under-test.js';
import { ADAPTERS } from './adapters.js';
import { listFixtures, listFolders, readStream, comparable } from './read-wire.js';

const FAILURE = /\.(\d{3})\.json$/;

interface Reading {
  events: ChatEvent[];
  error: unknown;
}

it('every folder of wire fixtures is read by an adapter', () => {
  const read = ADAPTERS.flatMap(({ folders }) => folders);
  expect(listFolders().filter((folder) => !read.includes(folder))).toEqual([]);
});

describe.each(ADAPTERS.flatMap((adapter) => adapter.folders.map((folder) => ({ ...adapter, folder }))))(
  '$name reads $folder',
  ({ createProtocol, folder }) => {
    const protocol = (): ReturnType<typeof createProtocol> =>
      createProtocol(testAttempt(), { finishReasonOptional: false });
    const streams = listFixtures(folder, '.sse');
    const bodies = listFixtures(folder, '.json').filter((name) => !name.startsWith('embed'));
    const replies = bodies.filter((name) => !FAILURE.test(name));
    const readReply = (name: string): Reading => {
      try {
        const reply: unknown = JSON.parse(fixture(folder, name).toString());
        return { events: protocol().readReply(reply).map(comparable), error: null };
      } catch (error) {
        return { events: [], error };
      }
    };
    const readWhole = (name: string): Promise<Reading> =>
      readStream(protocol().createStreamReader(), [fixture(folder, name)]);

    it.each(streams)('%s as it is expected', async (name) => {
      expect(golden(await readWhole(name))).toMatchSnapshot();
    });

    it.each(replies)('%s as it is expected', (name) => {
      expect(golden(readReply(name))).toMatchSnapshot();
    });

    for (const name of bodies.filter((each) => FAILURE.test(each))) {
      it(`the refusal ${name} as it is expected`, () => {
        const status = Number(FAILURE.exec(name)?.[1]);
        const body = fixture(folder, name).toString();
        const { kind, message, param, retryAfterMs } = protocol().readFailure(status, {}, body);
        expect({ kind, message, param, retryAfterMs }).toMatchSnapshot();
      });
    }

    it.each(streams.filter((name) => replies.includes(name.replace('.sse', '.json'))))(
      '%s and its unstreamed twin as the same result',
      async (name) => {
        const streamed = collect((await readWhole(name)).events);
        expect(streamed).toEqual(collect(readReply(name.replace('.sse', '.json')).events));
      },
    );

    it.each(streams)('F29: %s as the same events wherever its bytes are cut', async (name) => {
      const bytes = fixture(folder, name);
      const expected = await readWhole(name);
      for (let cut = 1; cut < bytes.length; cut += 1) {
        const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
        const read = await readStream(protocol().createStreamReader(), pieces);
        // Compared as text first: this runs for every byte of the corpus.
        if (JSON.stringify(read) !== JSON.stringify(expected)) expect({ cut, ...read }).toEqual({ cut, ...expected });
      }
      const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
      expect(await readStream(protocol().createStreamReader(), single)).toEqual(expected);
    });

    it.each<[string, (text: string) => string]>([
      ['CRLF line ends', (text) => text.replaceAll('\n', '\r\n')],
      ['CR line ends', (text) => text.replaceAll('\n', '\r')],
      ['a byte order mark', (text) => `\uFEFF${text}`],
      [
        'comments and unknown fields',
        (text) => text.replaceAll('data: ', ': hello\nid: 7\nretry: 10\nnonsense\ndata: '),
      ],
      ['data over several lines', (text) => text.replaceAll(/^data: (\{.*)$/gm, (_line, data: string) => spread(data))],
      ['no space after the colon', (text) => text.replaceAll('data: ', 'data:')],
      ['no empty line at the end', (text) => text.trimEnd()],
    ])('F29: every stream as the same events with %s', async (_what, change) => {
      for (const name of streams) {
        const changed = Buffer.from(change(fixture(folder, name).toString()));
        expect({ name, ...(await readStream(protocol().createStreamReader(), [changed])) }).toEqual({
          name,
          ...(await readWhole(name)),
        });
      }
    });
  },
);

/** The same JSON on many data lines. */
function spread(data: string): string {
  const lines = JSON.stringify(JSON.parse(data), null, 1).split('\n');
  return lines.map((line) => `data: ${line}`).join('\n');
}

/** Events without their wire objects, of which only it is told whether they can be relayed. */
function golden({ events, error }: Reading): unknown {
  const bare = events.map(({ wire, ...event }) => (wire === undefined ? { ...event, isOurs: true } : event));
  if (error === null) return bare;
  return [...bare, error instanceof ProviderError ? { error: error.kind, message: error.message } : error];
}

function collect(events: readonly ChatEvent[]): ChatResult {
  const collector = new ChatCollector();
  for (const event of events) collector.add(event);
  return { ...collector.result(), wire: undefined };
}

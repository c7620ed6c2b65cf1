import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { chatBody, OverloadBench } from '../support/overload-bench.js';

const STREAMS = 500;
const EVENTS = 200;
const EVENT_MS = 50;
const MARK = /mark-\d+/;
const bench = new OverloadBench();

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
}

/** The pieces of an answer, each with the mark of its question. */
function piecesOf(mark: string): string[] {
  return Array.from({ length: EVENTS }, (_, index) => ` ${mark}.${String(index)} é\n"${'.'.repeat(index % 7)}`);
}

// What fits by default into a small container, and how much of it is used.
beforeAll(async () => {
  await bench.open({}, { nodeOptions: '--max-old-space-size=256' });
  bench.provider
    .reply(({ bodyText }) => {
      const mark = MARK.exec(bodyText)?.[0] ?? '';
      return { pieces: piecesOf(mark), eventDelayMs: EVENT_MS, id: `chatcmpl-${mark}` };
    })
    .forever();
});

afterAll(() => bench.close());

/** The lines of an answer as they came, without the mark of its question and the time of its making. */
async function linesOf(mark: string): Promise<string[]> {
  const response = await bench.send('/v1/chat/completions', chatBody(mark, { stream: true }));
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.replaceAll(mark, 'mark').replace(/"created":\d+/, '"created":0'));
}

/** The text that the deltas of the lines make together. */
function contentOf(lines: readonly string[]): string {
  const chunks = lines.filter((line) => line.startsWith('data: {')).map((line) => JSON.parse(line.slice(6)) as Chunk);
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

it(`${String(STREAMS)} streams of ${String(1_000 / EVENT_MS)} events a second: every event whole and in order`, async () => {
  const expected = await linesOf('mark-0');
  expect(contentOf(expected)).toBe(piecesOf('mark').join(''));
  const startedAt = performance.now();
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, (_, index) => linesOf(`mark-${String(index + 1)}`)),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stdout.write(
    `${String(STREAMS)} streams, ${String(STREAMS * expected.length)} events in ${seconds.toFixed(1)} s, memory ` +
      `${((await bench.metric('process_resident_memory_bytes')) / 1024 ** 2).toFixed(0)} MiB\n`,
  );
  for (const lines of streams) expect(lines).toEqual(expected);
  expect(await bench.metric('trunkline_admission_in_flight')).toBe(0);
});

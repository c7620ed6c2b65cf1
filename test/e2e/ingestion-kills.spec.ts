import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runsOnServer } from '../support/database.js';
import { IngestionBench, type BenchText } from '../support/ingestion-bench.js';

const SECTIONS = 12;
// Builds what is not built, and starts twice.
const LONG_MS = 180_000;

type Sent = readonly [number: number, form: 'text' | 'pdf'];
const PARSED: Sent = [0, 'pdf'];
const EMBEDDED: Sent = [1, 'text'];
const COMMITTED: Sent = [2, 'text'];
const ALL = [PARSED, EMBEDDED, COMMITTED];

if (!runsOnServer)
  process.stderr.write('A kill while indexing runs with TEST_DATABASE_URL, and many on both databases in the soak.\n');

(runsOnServer ? describe : describe.skip)('kill -9 while documents are parsed, embedded and committed', () => {
  const bench = new IngestionBench(process.env.TEST_DATABASE_URL, SECTIONS);

  beforeAll(() => bench.open(), LONG_MS);

  afterAll(() => bench.close(), LONG_MS);

  function text([number]: Sent, way: BenchText['way']): BenchText {
    return { number, way };
  }

  function chunks(collection: string, way: BenchText['way']): Promise<object[][]> {
    return Promise.all(ALL.map((sent) => bench.chunks(collection, text(sent, way), sent[1])));
  }

  function send(collection: string, way: BenchText['way'], sent: Sent): Promise<string> {
    return bench.send(collection, text(sent, way), sent[1]);
  }

  it(
    'O17 leaves the version before until then, the same chunks as without it in the end, and nothing else',
    async () => {
      const made: string[] = [];
      for (const [collection, way] of [
        ['calm', 'b'],
        ['killed', 'a'],
      ] as const) {
        await bench.makeCollection(collection);
        for (const sent of ALL) made.push(await send(collection, way, sent));
      }
      expect(new Set(await bench.waitFor(made))).toEqual(new Set(['succeeded""']));
      const [before, after] = [await chunks('killed', 'a'), await chunks('calm', 'b')];
      expect(before).not.toEqual(after);

      const jobs: string[] = [];
      await bench.withoutCommits(async (untilTried) => {
        jobs.push(await send('killed', 'b', COMMITTED));
        await untilTried();
        bench.embedder.reset();
        bench.embedder.hang();
        jobs.push(await send('killed', 'b', EMBEDDED));
        await bench.embedder.waitForRequests(1);
        jobs.push(await send('killed', 'b', PARSED));
        await bench.untilParsing();
        await bench.kill();
      });
      expect(await chunks('killed', 'b')).toEqual(before);
      await bench.start();
      await bench.requeueLost();
      expect(await bench.waitFor(jobs)).toEqual(jobs.map(() => 'succeeded""'));
      expect(await chunks('killed', 'b')).toEqual(after);
      const remains = await bench.remains();
      expect(remains).toEqual(Object.fromEntries(Object.keys(remains).map((key) => [key, 0])));
    },
    LONG_MS,
  );
});

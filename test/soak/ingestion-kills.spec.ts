import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { IngestionBench, type BenchText } from '../support/ingestion-bench.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const KILLS = Number(process.env.SOAK_KILLS ?? 10);
const DOCUMENTS = 4;
const LONG_MS = 1_800_000;
const FORMS = ['text', 'pdf'] as const;

const random = seededRandom(soakSeed());

type Phase = 'parsing' | 'embedding' | 'committing';

describe(`a process that is killed ${String(KILLS)} times in each stage of indexing`, () => {
  const bench = new IngestionBench(process.env.TEST_DATABASE_URL);
  const expected = new Map<string, object[]>();
  let callsOfRound = 0;
  let round = 0;

  beforeAll(async () => {
    await bench.open();
    await bench.makeCollection('calm');
    await bench.makeCollection('killed');
    // The same, undisturbed: what must come out in the end, and what the documents say before the first kill.
    for (const way of ['b', 'a'] as const) {
      const before = bench.embedder.requests.length;
      expect(new Set(await bench.waitFor(await sendAll('calm', way)))).toEqual(new Set(['succeeded""']));
      callsOfRound = bench.embedder.requests.length - before;
      for (const [name, text, as] of all(way)) expected.set(name, await bench.chunks('calm', text, as));
    }
    await bench.waitFor(await sendAll('killed', 'a'));
  }, LONG_MS);

  afterAll(() => bench.close(), LONG_MS);

  function all(way: 'a' | 'b'): [string, BenchText, (typeof FORMS)[number]][] {
    return Array.from({ length: DOCUMENTS }, (_, number) => number).flatMap((number) =>
      FORMS.map((as): [string, BenchText, (typeof FORMS)[number]] => [
        `${way}-${as}-${String(number)}`,
        { number, way },
        as,
      ]),
    );
  }

  function sendAll(collection: string, way: 'a' | 'b'): Promise<string[]> {
    return Promise.all(all(way).map(([, text, as]) => bench.send(collection, text, as)));
  }

  async function until(phase: Phase, callsBefore: number): Promise<void> {
    if (phase === 'parsing') await bench.untilParsing();
    const share = phase === 'embedding' ? random() : 0.9;
    const calls = callsBefore + Math.floor(callsOfRound * share);
    if (phase !== 'parsing') while (bench.embedder.requests.length < calls) await delay(2);
    await delay(random() * (phase === 'parsing' ? 1_500 : 250));
  }

  it.each<Phase>(['parsing', 'embedding', 'committing'])(
    'O17 while %s leaves the same chunks as one that is not, and nothing else; the old version is seen until then',
    async (phase) => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        round += 1;
        const [before, after] = round % 2 === 1 ? (['a', 'b'] as const) : (['b', 'a'] as const);
        const calls = bench.embedder.requests.length;
        const jobs = await sendAll('killed', after);
        await until(phase, calls);
        await bench.kill();
        await bench.start();
        for (const [name, text, as] of all(after)) {
          const seen = JSON.stringify(await bench.chunks('killed', text, as));
          const versions = [before, after].map((way) => JSON.stringify(expected.get(`${way}${name.slice(1)}`)));
          expect(versions).toContain(seen);
        }
        expect(await bench.waitFor(jobs)).toEqual(jobs.map(() => 'succeeded""'));
        for (const [name, text, as] of all(after)) {
          expect(await bench.chunks('killed', text, as)).toEqual(expected.get(name));
        }
        const remains = await bench.remains();
        expect(remains).toEqual(Object.fromEntries(Object.keys(remains).map((key) => [key, 0])));
      }
    },
    LONG_MS,
  );
});

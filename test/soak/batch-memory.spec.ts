import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchBench, idsOf } from '../support/batch-bench.js';

const LINES = Number(process.env.SOAK_LINES ?? 10_000);
/** Of a line, about: all of them together are some 60 MB. */
const WORDS = 1_200;
const LONG_MS = 3_600_000;
const MB = 1024 * 1024;

describe(`a batch of ${String(LINES)} lines`, () => {
  // What V8 may have beside the buffers of what is under way: a file in memory whole would not fit.
  const bench = new BatchBench(process.env.TEST_DATABASE_URL, { NODE_OPTIONS: '--max-old-space-size=128' });

  beforeAll(() => bench.open(0), LONG_MS);
  afterAll(() => bench.close(), LONG_MS);

  it(
    'is uploaded, worked on and read in bounded memory',
    async () => {
      // The first batch warms everything up.
      const first = await bench.createFromFile(200, WORDS);
      await bench.untilOver(first.id);
      const before = bench.residentBytes();
      let most = before;
      const made = await bench.createFromFile(LINES, WORDS);
      const batch = await bench.untilOver(made.id, () => {
        most = Math.max(most, bench.residentBytes());
      });
      expect(batch.request_counts).toEqual({ total: LINES, completed: LINES, failed: 0 });
      expect(await bench.resultIds(made.id)).toEqual(idsOf(LINES));
      process.stdout.write(
        `${String(Math.round(before / MB))} MB before, ${String(Math.round(most / MB))} MB at most.\n`,
      );
      // On the embedded database the process holds its buffers too.
      expect(most - before).toBeLessThan(200 * MB);
    },
    LONG_MS,
  );
});

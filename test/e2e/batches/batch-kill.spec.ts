import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchBench, idsOf, LINES_AT_ONCE } from '../../support/batch-bench.js';
import { runsOnServer } from '../../support/database.js';

const LINES = 40;
// Builds what is not built, and starts twice.
const LONG_MS = 180_000;

if (!runsOnServer)
  process.stderr.write('A kill during a batch runs with TEST_DATABASE_URL, and many on both databases in the soak.\n');

(runsOnServer ? describe : describe.skip)('kill -9 during a batch', () => {
  const bench = new BatchBench(process.env.TEST_DATABASE_URL);

  beforeAll(() => bench.open(20), LONG_MS);
  afterAll(() => bench.close(), LONG_MS);

  it(
    'O15 leaves one result for each line, and only what was under way is asked again',
    async () => {
      const made = await bench.createFromFile(LINES);
      await bench.provider.waitForRequests(LINES / 2);
      await bench.kill();
      await bench.start();
      await bench.requeueLost();
      expect(await bench.untilOver(made.id)).toMatchObject({
        status: 'completed',
        request_counts: { total: LINES, completed: LINES, failed: 0 },
      });
      expect(await bench.resultIds(made.id)).toEqual(idsOf(LINES));
      expect(bench.provider.requests.length - LINES).toBeLessThanOrEqual(LINES_AT_ONCE);
      expect(await bench.told(made.webhook?.secret ?? '')).toMatchObject([{ type: 'batch.completed' }]);
    },
    LONG_MS,
  );

  it(
    'O16 takes nothing from a process that hung, was given up and woke up',
    async () => {
      bench.provider.reset();
      const late = Array.from({ length: LINES_AT_ONCE }, () => bench.provider.stallAfter(0, { text: 'Late.' }));
      bench.provider.reply({ text: 'In time.' }).forever();
      const before = bench.provider.requests.length;
      const made = await bench.createFromFile(LINES_AT_ONCE);
      await bench.provider.waitForRequests(before + LINES_AT_ONCE);
      bench.hang();
      await bench.start();
      await bench.requeueLost();
      const counts = { total: LINES_AT_ONCE, completed: LINES_AT_ONCE, failed: 0 };
      expect(await bench.untilOver(made.id)).toMatchObject({ status: 'completed', request_counts: counts });
      for (const stalled of late) stalled.release();
      bench.wake();
      // What it asked for is paid for, and in nobody's result.
      await bench.untilCalls(made.id, 2 * LINES_AT_ONCE);
      expect(await bench.show(made.id)).toMatchObject({ status: 'completed', request_counts: counts });
      expect(await bench.resultIds(made.id)).toEqual(idsOf(LINES_AT_ONCE));
      expect(await bench.resultTexts(made.id)).toEqual(Array(LINES_AT_ONCE).fill('In time.'));
    },
    LONG_MS,
  );
});

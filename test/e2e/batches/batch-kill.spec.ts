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
});

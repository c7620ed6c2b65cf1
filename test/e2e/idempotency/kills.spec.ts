import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrashBench } from '../../support/crash-bench.js';
import { runsOnServer } from '../../support/database.js';
import { KilledRequests } from './killed-requests.js';

const REQUESTS = 8;
// Builds what is not built, and starts four times.
const LONG_MS = 180_000;

if (!runsOnServer)
  process.stderr.write(
    'Kills under requests with keys run with TEST_DATABASE_URL, and on both databases in the soak.\n',
  );

(runsOnServer ? describe : describe.skip)('kill -9 under requests with keys', () => {
  const bench = new CrashBench();

  beforeAll(() => bench.open(), LONG_MS);

  afterAll(() => bench.close(), LONG_MS);

  it.each<[string, (requests: KilledRequests) => boolean]>([
    ['when the provider has them', () => true],
    ['in the middle of the answers', (requests) => requests.characters > 1_000],
    ['when the first answer is whole', (requests) => requests.wholeCount > 0],
  ])(
    '%s: each is replayed or runs anew, and never half',
    async (_name, isTime) => {
      const requests = new KilledRequests(bench, REQUESTS);
      const served = bench.untilServed(REQUESTS);
      requests.send();
      await served;
      while (!isTime(requests)) await new Promise(setImmediate);
      await requests.killAndRestart();
      await requests.expectWholeAnswers();
      expect(await bench.problems()).toEqual([]);
    },
    LONG_MS,
  );
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KilledRequests } from '../e2e/idempotency/killed-requests.js';
import { CrashBench } from '../support/crash-bench.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const KILLS = 15;
const REQUESTS = 40;
/** About as many as all answers together have. */
const MOST_CHARACTERS = 80_000;
const LONG_MS = 600_000;

const random = seededRandom(soakSeed());

describe(`requests with keys to a process that is killed ${String(KILLS)} times`, () => {
  const bench = new CrashBench();

  beforeAll(() => bench.open(), LONG_MS);

  afterAll(() => bench.close(), LONG_MS);

  it('are each replayed or run anew, and never half', async () => {
    for (let kills = 0; kills < KILLS; kills += 1) {
      const requests = new KilledRequests(bench, REQUESTS);
      requests.send();
      const enough = random() * MOST_CHARACTERS;
      while (requests.characters < enough && requests.wholeCount < REQUESTS) await delay(1);
      await requests.killAndRestart();
      await requests.expectWholeAnswers();
      expect(await bench.problems()).toEqual([]);
    }
  });
});

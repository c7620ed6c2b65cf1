import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { BatchBench, idsOf, LINES_AT_ONCE } from '../support/batch-bench.js';
import { runsOnServer } from '../support/database.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const KILLS = Number(process.env.SOAK_KILLS ?? 5);
const LINES = 500;
const ANSWER_MS = 30;
const LONG_MS = 1_800_000;

const random = seededRandom(soakSeed());

describe(`a batch of ${String(LINES)} lines whose process is killed ${String(KILLS)} times`, () => {
  const bench = new BatchBench(process.env.TEST_DATABASE_URL);

  beforeAll(() => bench.open(ANSWER_MS), LONG_MS);
  afterAll(() => bench.close(), LONG_MS);

  it(
    'O15 has one result for each line, asks again only for what was under way, and tells the end under one id',
    async () => {
      const made = await bench.createFromFile(LINES);
      const killedAt: number[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        const from = bench.provider.requests.length;
        const until = from + 1 + Math.floor(random() * (LINES / KILLS - 2 * LINES_AT_ONCE));
        while (bench.provider.requests.length < until) await delay(1);
        await delay(random() * ANSWER_MS);
        await bench.kill();
        killedAt.push(bench.provider.requests.length);
        await bench.start();
        if (runsOnServer) await bench.requeueLost();
        const { status, request_counts: counts } = await bench.show(made.id);
        expect(status).toBe('in_progress');
        expect(counts.completed).toBeLessThanOrEqual(bench.provider.requests.length);
      }
      process.stdout.write(`Killed after ${killedAt.join(', ')} calls.\n`);
      const batch = await bench.untilOver(made.id);
      expect(batch).toMatchObject({
        status: 'completed',
        request_counts: { total: LINES, completed: LINES, failed: 0 },
      });
      expect(await bench.resultIds(made.id)).toEqual(idsOf(LINES));
      const repeated = bench.provider.requests.length - LINES;
      process.stdout.write(`${String(repeated)} calls were repeated.\n`);
      expect(repeated).toBeLessThanOrEqual(KILLS * LINES_AT_ONCE);
      const told = await bench.told(made.webhook?.secret ?? '');
      expect(new Set(told.map(({ id, type }) => `${type} ${id}`)).size).toBe(1);
      expect(told[0]).toMatchObject({ type: 'batch.completed' });
    },
    LONG_MS,
  );
});

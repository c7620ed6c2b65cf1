import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CrashBench } from '../support/crash-bench.js';
import { runsOnServer } from '../support/database.js';
import { expectExactLedger } from '../support/expect-exact-ledger.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const AT_ONCE = 16;
const KILLS = 10;
const MOST_SERVED_BETWEEN = 400;
const OUTAGE_MS = 30_000;
const LONG_MS = 600_000;

const random = seededRandom(soakSeed());

describe(`a process that is killed ${String(KILLS)} times`, () => {
  const bench = new CrashBench();

  beforeAll(() => bench.open(), LONG_MS);

  afterAll(() => bench.close(), LONG_MS);

  it('O12 leaves a ledger that is exact: one row for each request that the provider saw, nothing reserved', async () => {
    for (let kills = 0; kills < KILLS; kills += 1) {
      await bench.loadUntilServed(AT_ONCE, 1 + Math.floor(random() * MOST_SERVED_BETWEEN), async () => {
        await delay(random() * 100);
        await bench.kill();
      });
      await bench.restart();
      await expectExactLedger(bench, { mostAbandoned: AT_ONCE * (kills + 1) });
    }
  });
});

if (!runsOnServer) process.stdout.write('The outage of PostgreSQL is left out: it runs with TEST_DATABASE_URL.\n');

(runsOnServer ? describe : describe.skip)(`PostgreSQL stopped for ${String(OUTAGE_MS / 1_000)} s under load`, () => {
  const bench = new CrashBench();

  beforeAll(async () => {
    await bench.open(await postgres('start'));
  }, LONG_MS);

  afterAll(async () => {
    await bench.close();
    await postgres('stop');
  }, LONG_MS);

  it.each(['fast', 'immediate'])('O01 loses nothing, and takes requests again by itself (%s)', async (mode) => {
    const answered = await bench.loadUntilServed(AT_ONCE, 3 * AT_ONCE, async () => {
      await postgres('stop', mode);
      await delay(OUTAGE_MS);
      await postgres('start');
      await bench.untilServed(3 * AT_ONCE);
    });
    const statuses = [...Map.groupBy(answered, (status) => status)].map(([status, { length }]) => [status, length]);
    process.stdout.write(`${JSON.stringify(statuses)}\n`);
    expect(statuses.map(([status]) => status).sort()).toEqual([200, 503]);
    await expectExactLedger(bench, { mostAbandoned: 0 });
  });
});

/** A server of its own, so that nobody else misses it; resolves to its URL. */
async function postgres(command: 'start' | 'stop', mode = 'fast'): Promise<string> {
  const script = fileURLToPath(new URL('../../scripts/postgres.sh', import.meta.url));
  const { stdout } = await promisify(execFile)(script, [command], {
    env: { ...process.env, POSTGRES_PORT: '54350', POSTGRES_STOP_MODE: mode },
  });
  return stdout.trim().split('\n').at(-1) ?? '';
}

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { CrashBench } from '../support/crash-bench.js';
import { runsOnServer } from '../support/database.js';
import { expectExactLedger } from '../support/expect-exact-ledger.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const AT_ONCE = 16;
const OUTAGE_MS = 30_000;
const KILLS = 15;
const BETWEEN_KILLS_MS = 2_000;
const STANDSTILL_MS = 20_000;
const LONG_MS = 600_000;
const PROBE_MS = 50;
const MOST_GROWTH_MEGABYTES = 64;
const PORT = '54391';

const random = seededRandom(soakSeed());

if (!runsOnServer) process.stdout.write('The faults of PostgreSQL are left out: they run with TEST_DATABASE_URL.\n');

/** What probes and requests met, in milliseconds from the beginning of the fault. */
interface Seen {
  notReadyMs: number;
  slowestRefusalMs: number;
  readyAgainMs: number;
  liveFailures: number;
}

(runsOnServer ? describe : describe.skip)(
  'a PostgreSQL of its own that is stopped, restarted, shot at and stopped short',
  () => {
    const bench = new CrashBench();
    let url: string;
    let pid: number;

    beforeAll(async () => {
      url = await postgres('start');
      await bench.open(url);
      pid = bench.pid;
      // So that memory is measured warm.
      await bench.loadUntilServed(AT_ONCE, 400, () => Promise.resolve());
    }, LONG_MS);

    afterAll(async () => {
      await bench.close();
      await postgres('stop');
    }, LONG_MS);

    const rssMegabytes = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024;

    /** Runs the load around the fault; fails unless every request was answered or refused, and has its row. */
    async function during(name: string, fault: () => Promise<void>): Promise<void> {
      const before = rssMegabytes();
      const answered = await bench.loadUntilServed(AT_ONCE, 3 * AT_ONCE, async () => {
        await fault();
        await bench.untilServed(3 * AT_ONCE);
      });
      const counts = Object.fromEntries(
        [...Map.groupBy(answered, String)].map(([status, { length }]) => [status, length]),
      );
      const growth = rssMegabytes() - before;
      process.stdout.write(`${name}: ${JSON.stringify(counts)}, memory grew by ${growth.toFixed(0)} MB\n`);
      expect(Object.keys(counts).filter((status) => status !== '200' && status !== '503')).toEqual([]);
      expect(bench.pid).toBe(pid);
      expect(growth).toBeLessThan(MOST_GROWTH_MEGABYTES);
      await expectExactLedger(bench, { mostAbandoned: 0 });
    }

    it('O01 is away for half a minute: refused within a second, not ready within two, ready again within five', async () => {
      await during('away', async () => {
        const seen: Seen = { notReadyMs: NaN, slowestRefusalMs: 0, readyAgainMs: NaN, liveFailures: 0 };
        let isBack = false;
        await postgres('stop', 'immediate');
        // What the command itself takes is nobody's outage.
        let startedAt = performance.now();
        const probing = probe(
          () => isBack,
          () => startedAt,
          seen,
        );
        await delay(OUTAGE_MS);
        await postgres('start');
        startedAt = performance.now();
        isBack = true;
        await probing;
        process.stdout.write(`${JSON.stringify(seen)}\n`);
        expect(seen.liveFailures).toBe(0);
        expect(seen.notReadyMs).toBeLessThan(2_000);
        expect(seen.slowestRefusalMs).toBeLessThan(1_000);
        expect(seen.readyAgainMs).toBeLessThan(5_000);
      });
    });

    it(`O02 loses all of its connections every ${String(BETWEEN_KILLS_MS / 1_000)} s, and is restarted in between`, async () => {
      await during('shot at', async () => {
        for (let kill = 0; kill < KILLS; kill += 1) {
          if (kill === Math.floor(KILLS / 2)) {
            await postgres('stop', 'fast');
            await postgres('start');
          } else await terminateAll();
          await delay(BETWEEN_KILLS_MS * (0.5 + random()));
        }
      });
    });

    it(`O03 has all of its processes stopped for ${String(STANDSTILL_MS / 1_000)} s`, async () => {
      await during('stands still', async () => {
        const stall = bench.provider.stallAfter(2, { text: 'All of it, to the end.' });
        const messages = [{ role: 'user', content: 'mark-0 stream' }];
        const stream = await bench.post(
          '/v1/chat/completions',
          { model: 'lab/chat', stream: true, max_tokens: 50, messages },
          { 'x-request-id': 'mark-0' },
        );
        const pids = await backends();
        // Their parent first, so that there are no new ones.
        pids.unshift(parentOf(pids[0] ?? 0));
        for (const backend of pids) process.kill(backend, 'SIGSTOP');
        try {
          stall.release();
          expect(await stream.text()).toContain('[DONE]');
          await delay(STANDSTILL_MS);
          expect((await bench.get('/health/live')).status).toBe(200);
          expect((await bench.get('/health/ready')).status).toBe(503);
        } finally {
          for (const backend of pids) process.kill(backend, 'SIGCONT');
        }
        while ((await bench.get('/health/ready')).status !== 200) await delay(PROBE_MS);
      });
    });

    it('O03 has its hottest table locked for as long', async () => {
      await during('locked', async () => {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        const { rows } = await client.query<{ schema: string }>(
          `select schemaname as schema from pg_tables where tablename = 'budget_period' order by schemaname desc`,
        );
        await client.query('begin');
        for (const { schema } of rows)
          await client.query(`lock table "${schema}".budget_period in access exclusive mode`);
        await delay(STANDSTILL_MS);
        await client.query('rollback');
        await client.end();
      });
    });

    async function probe(isBack: () => boolean, since: () => number, seen: Seen): Promise<void> {
      for (;;) {
        const wasBack = isBack();
        const ready = await bench.get('/health/ready');
        const ms = performance.now() - since();
        if (ready.status === 503 && Number.isNaN(seen.notReadyMs)) seen.notReadyMs = ms;
        if (ready.status === 200 && wasBack) {
          seen.readyAgainMs = ms;
          return;
        }
        if ((await bench.get('/health/live')).status !== 200) seen.liveFailures += 1;
        const askedAt = performance.now();
        const asked = await bench.post('/v1/chat/completions', {
          model: 'lab/chat',
          messages: [{ role: 'user', content: 'probe' }],
        });
        await asked.text();
        if (asked.status === 503) seen.slowestRefusalMs = Math.max(seen.slowestRefusalMs, performance.now() - askedAt);
        await delay(PROBE_MS);
      }
    }

    async function withDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        return await work(client);
      } finally {
        await client.end();
      }
    }

    const OURS = `from pg_stat_activity where application_name like 'trunkline%'`;
    const terminateAll = (): Promise<unknown> =>
      withDatabase((client) => client.query(`select pg_terminate_backend(pid) ${OURS}`));
    const backends = (): Promise<number[]> =>
      withDatabase(async (client) =>
        (await client.query<{ pid: number }>(`select pid ${OURS}`)).rows.map((row) => row.pid),
      );
  },
);

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]);
}

/** A server of its own, so that nobody else misses it; resolves to its URL. */
async function postgres(command: 'start' | 'stop', mode = 'fast'): Promise<string> {
  const script = fileURLToPath(new URL('../../scripts/postgres.sh', import.meta.url));
  const { stdout } = await promisify(execFile)(script, [command], {
    env: { ...process.env, POSTGRES_PORT: PORT, POSTGRES_STOP_MODE: mode },
  });
  return stdout.trim().split('\n').at(-1) ?? '';
}

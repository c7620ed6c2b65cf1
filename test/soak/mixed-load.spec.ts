import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '../support/database.js';
import { ledgerProblems } from '../support/ledger-problems.js';
import { MixedServer } from '../support/mixed/mixed-server.js';
import { MixedTraffic } from '../support/mixed/mixed-traffic.js';
import { OwnService } from '../support/mixed/own-services.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 30);
const CLIENTS = 24;
/** Requests a second of all clients together. */
const PER_SECOND = 30;
const FAULTS = 0.05;
const ABORTS = 0.05;
const BETWEEN_FAILURES_MS = 40_000;
const SAMPLE_MS = 5_000;
/** After a dependency is back, this long may pass before all is well. */
const RECOVERY_MS = 8_000;
const MOST_GROWTH_BYTES = 48 * 1024 * 1024;
const MOST_DESCRIPTORS = 24;

interface Usage {
  readonly residentBytes: number;
  readonly descriptors: number;
}

interface Outage {
  readonly fromMs: number;
  toMs: number;
}

const SETTLED = new Set(['succeeded', 'failed', 'cancelled']);

describe(`${String(MINUTES)} minutes of mixed load`, () => {
  const random = seededRandom(soakSeed());
  const postgres = new OwnService('postgres', 54_351);
  const redis = new OwnService('redis', 56_351);
  const outages: Outage[] = [];
  const samples: Usage[] = [];
  let server: MixedServer;
  let traffic: MixedTraffic;
  let pid: number | undefined;
  let atRest = 0;

  beforeAll(async () => {
    server = new MixedServer(await postgres.start(), await redis.start());
    await server.open(random, FAULTS);
    pid = server.pid;
    atRest = server.usage().descriptors;
    traffic = new MixedTraffic(server, random, ABORTS);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([postgres.start(), redis.start()]);
    const code = await server.close();
    await Promise.all([postgres.stop(), redis.stop()]);
    expect(code).toBe(0);
  }, 120_000);

  it(
    'with 5 % faults, 5 % aborts, a Redis that flaps and a PostgreSQL that is restarted',
    async () => {
      const endsAt = performance.now() + MINUTES * 60_000;
      const isOver = (): boolean => performance.now() > endsAt;
      await Promise.all([load(isOver), sample(isOver), fail(isOver)]);
      report();
      expect([server.isAlive, server.pid]).toEqual([true, pid]);
    },
    (MINUTES + 5) * 60_000,
  );

  it('every request that a provider saw has one row, every row its attempts, and the books add up', async () => {
    await settle();
    expect(await ledgerProblems(server.database, { atRest: false })).toEqual([]);
    const seen = countsOf(marksSeen());
    const rows = await withClient(server.database, async (client) => {
      const { rows } = await client.query<{ request_id: string; requests: number; open: number; attempts: number }>(
        `select request_id, count(distinct r.id)::int as requests, count(distinct r.id) filter (where status = 'open')::int as open,
           count(a.n)::int as attempts
         from usage_request r left join usage_attempt a on a.usage_request_id = r.id
         where request_id like 'mark-%' group by request_id`,
      );
      return rows;
    });
    const byMark = new Map(rows.map((row) => [row.request_id, row]));
    const lost = [...seen].filter(([mark, calls]) => (byMark.get(mark)?.attempts ?? 0) < calls);
    expect(lost).toEqual([]);
    expect(rows.filter(({ open }) => open > 0)).toEqual([]);
    process.stdout.write(`${String(seen.size)} requests seen by providers, ${String(rows.length)} in the ledger\n`);
  }, 120_000);

  it('outside of outages clients are answered', () => {
    const isCalm = (atMs: number): boolean =>
      !outages.some(({ fromMs, toMs }) => atMs > fromMs - 2_000 && atMs < toMs + RECOVERY_MS);
    const calm = traffic.answers.filter(({ atMs, outcome }) => isCalm(atMs) && outcome !== 'aborted');
    const good = calm.filter(({ outcome }) => typeof outcome === 'number' && outcome < 300);
    process.stdout.write(`in calm times ${String(good.length)} of ${String(calm.length)} were answered\n`);
    // Faults after the first content cannot be mended, and the embeddings have one vendor alone.
    expect(good.length / calm.length).toBeGreaterThan(0.97);
    const allowed = new Set([200, 201, 202, 409, 429, 502, 503, 504, 'in-band error', 'aborted']);
    const others = traffic.answers.filter(({ outcome }) => !allowed.has(outcome) && outcome !== 'broken');
    expect(others).toEqual([]);
    expect(calm.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
  });

  it('nothing that was promised is lost: jobs, batches, responses, turns, replays', async () => {
    expect(traffic.unequalReplays).toEqual([]);
    for (const id of traffic.jobs)
      expect(SETTLED.has((await get<{ status: string }>(`/v1/jobs/${id}`)).status)).toBe(true);
    for (const { id, size } of traffic.batches) {
      const response = await server.call('GET', `/v1/batches/${id}/results`);
      const lines = (await response.text()).trim().split('\n');
      const names = lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id);
      expect([id, names.length, new Set(names).size]).toEqual([id, size, size]);
    }
    for (const id of traffic.responses) expect((await server.call('GET', `/v1/responses/${id}`)).status).toBe(200);
    for (const [id, marks] of traffic.turns) {
      const kept = await textOf(id);
      expect([id, marks.filter((mark) => !kept.has(mark))]).toEqual([id, []]);
    }
  }, 600_000);

  it('memory and descriptors are flat, and at rest as before', async () => {
    const early = leastOf(samples.slice(Math.floor(samples.length * 0.2), Math.floor(samples.length * 0.4)));
    const late = leastOf(samples.slice(Math.floor(samples.length * 0.8)));
    process.stdout.write(`RSS ${megabytes(early.residentBytes)} -> ${megabytes(late.residentBytes)} MB\n`);
    process.stdout.write(
      `descriptors at rest ${String(atRest)}, ${String(early.descriptors)} -> ${String(late.descriptors)}\n`,
    );
    expect(late.residentBytes - early.residentBytes).toBeLessThan(MOST_GROWTH_BYTES);
    expect(late.descriptors - early.descriptors).toBeLessThan(MOST_DESCRIPTORS);
    // Idle connections are given up one after the other; the test's own time limit ends the wait.
    while (server.usage().descriptors > atRest + MOST_DESCRIPTORS) await delay(1_000);
  }, 120_000);

  async function load(isOver: () => boolean): Promise<void> {
    const pauseMs = (CLIENTS / PER_SECOND) * 1000;
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        await delay(random() * pauseMs);
        while (!isOver()) {
          const startedAt = performance.now();
          await traffic.send();
          await delay(Math.max(0, pauseMs - (performance.now() - startedAt)));
        }
      }),
    );
  }

  async function sample(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      samples.push(server.usage());
      await delay(SAMPLE_MS);
    }
  }

  async function fail(isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn += 1) {
      await delay(BETWEEN_FAILURES_MS);
      if (isOver()) return;
      const outage: Outage = { fromMs: traffic.elapsedMs, toMs: Infinity };
      outages.push(outage);
      await failure(turn);
      outage.toMs = traffic.elapsedMs;
    }
  }

  async function failure(turn: number): Promise<void> {
    const pauseMs = 500 + random() * 5_000;
    const how = random() < 0.5 ? 'gently' : 'hard';
    if (turn % 3 === 1) {
      await postgres.restart(how, pauseMs);
      return;
    }
    for (let flap = 0; flap < 3; flap += 1) {
      await redis.restart(how, pauseMs / 3);
      await delay(500);
    }
  }

  /** Waits until what was accepted has ended, and all that is under way. */
  async function settle(): Promise<void> {
    for (;;) {
      const { rows } = await withClient(server.database, (client) =>
        client.query<{ open: number }>(
          `select (select count(*) from usage_request where status = 'open')
             + (select count(*) from job where status in ('queued', 'running')) as open`,
        ),
      );
      if (Number(rows[0]?.open) === 0) return;
      await delay(500);
    }
  }

  // What an answer from documents was made of holds the marks of those.
  function marksSeen(): string[] {
    const bodies = [...server.flaky.requests, ...server.steady.requests].map(({ bodyText }) => bodyText);
    return bodies.flatMap((text) => (text.includes('kestrel') ? [] : (text.match(/mark-\d+/g)?.at(-1) ?? [])));
  }

  async function get<T>(path: string): Promise<T> {
    return (await (await server.call('GET', path)).json()) as T;
  }

  async function textOf(conversation: string): Promise<Set<string>> {
    const texts = new Set<string>();
    let after = '';
    for (;;) {
      const page = await get<{ data: { id: string; content: unknown }[]; has_more: boolean }>(
        `/v1/conversations/${conversation}/messages?limit=100&order=asc${after}`,
      );
      for (const { content } of page.data) texts.add(typeof content === 'string' ? content : JSON.stringify(content));
      const last = page.data.at(-1);
      if (!page.has_more || !last) return texts;
      after = `&after=${last.id}`;
    }
  }

  function report(): void {
    const counts = Object.entries(
      Object.groupBy(traffic.answers, ({ kind, outcome }) => `${kind}: ${String(outcome)}`),
    );
    for (const [name, list] of counts.sort(([one], [other]) => one.localeCompare(other))) {
      process.stdout.write(`${name} ${String(list?.length)}\n`);
    }
    process.stdout.write(`${String(traffic.answers.length)} requests, ${String(outages.length)} outages\n`);
  }
});

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function leastOf(samples: readonly Usage[]): Usage {
  return {
    residentBytes: Math.min(...samples.map(({ residentBytes }) => residentBytes)),
    descriptors: Math.min(...samples.map(({ descriptors }) => descriptors)),
  };
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1024 / 1024));
}

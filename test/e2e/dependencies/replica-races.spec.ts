import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runsOnServer } from '../../support/database.js';
import { METERED_ROUTES } from '../money/metered-routes.js';
import { MoneyBench, type TestKey } from '../money/money-bench.js';

const MINUTE_MS = 60_000;
const ENOUGH_MS = 5_000;
const MOST_TRIES = 3;

if (!runsOnServer)
  process.stdout.write('Races of two replicas are left out: they need PostgreSQL (TEST_DATABASE_URL).\n');

(runsOnServer ? describe : describe.skip)('two replicas on one PostgreSQL', () => {
  const bench = new MoneyBench();

  beforeAll(() => bench.start(2));

  beforeEach(() => {
    bench.reset();
  });

  afterAll(() => bench.stop());

  const appAt = (index: number) => bench.apps[index % bench.apps.length] ?? bench.app;
  const body = { model: 'money', messages: [{ role: 'user', content: 'How far does the godwit fly?' }] };
  const ask = (index: number, { key }: TestKey, rest: object = {}, signal?: AbortSignal): Promise<Response> =>
    appAt(index).post('/v1/chat/completions', { ...body, max_tokens: 20, ...rest }, { key, signal });

  /** Does something that belongs into one clock minute, and does it again when a minute ended meanwhile. */
  async function inOneMinute(work: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const leftMs = MINUTE_MS - (Date.now() % MINUTE_MS);
      if (leftMs < ENOUGH_MS) await new Promise((resolve) => setTimeout(resolve, leftMs + 1));
      const minute = Math.floor(Date.now() / MINUTE_MS);
      try {
        await work();
        return;
      } catch (error) {
        if (tries === MOST_TRIES || Math.floor(Date.now() / MINUTE_MS) === minute) throw error;
      }
    }
  }

  it('O22 a key that nothing was spent of is first used on both at once, with the budget of a new window', async () => {
    const name = 'POST /v1/chat/completions';
    const route = METERED_ROUTES[name];
    if (!route) throw new Error('The route is not in the table.');
    const reservedUsd = Number(await bench.reservationOf(name, route));
    for (let round = 0; round < 3; round += 1) {
      const key = await bench.createKey({
        budgets: [{ window: 'total', amount_usd: Number((3 * reservedUsd).toFixed(10)) }],
      });
      // No row says that nothing was spent.
      const before = await bench.query(
        'select 1 from budget_period period join budget on budget.id = period.budget_id where budget.key_id = $1',
        [key.id],
      );
      expect(before).toEqual([]);
      const answers = await Promise.all(Array.from({ length: 20 }, () => bench.send(name, route, key)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
      expect(Number((await bench.standing(key, ({ charges }) => charges >= 3)).spent)).toBeCloseTo(3 * reservedUsd, 9);
    }
  });

  it('O22 streams that are left early give back what they had reserved, tokens and money', () =>
    inOneMinute(async () => {
      const key = await bench.createKey({
        limits: { tokens_per_minute: 1_000 },
        budgets: [{ window: 'total', amount_usd: 1 }],
      });
      for (let index = 0; index < 6; index += 1) {
        // Two of them would not fit.
        const stall = bench.openAi.stallAfter(2, { text: 'All of it.' });
        const controller = new AbortController();
        let stream = await ask(index, key, { stream: true, max_tokens: 600 }, controller.signal);
        for (let waits = 0; stream.status === 429 && waits < 100; waits += 1) {
          await stream.text();
          // The other replica hears of it within a tenth of a second.
          await new Promise((resolve) => setTimeout(resolve, 50));
          stream = await ask(index, key, { stream: true, max_tokens: 600 }, controller.signal);
        }
        expect(stream.status).toBe(200);
        await stream.body?.getReader().read();
        controller.abort();
        stall.release();
      }
      const standing = await bench.standing(key, ({ charges }) => charges >= 6);
      expect([Number(standing.reserved), standing.charged]).toEqual([0, standing.spent]);
    }));

  it('O23 headers tell less and less, whichever replica answers, and never more than there is', () =>
    inOneMinute(async () => {
      const limit = 40;
      const key = await bench.createKey({ limits: { requests_per_minute: limit } });
      const told: number[] = [];
      let admitted = 0;
      for (let index = 0; index < limit + 10; index += 1) {
        const response = await ask(index, key);
        await response.text();
        if (response.status === 200) admitted += 1;
        told.push(Number(response.headers.get('x-ratelimit-remaining-requests')));
        expect(told.at(-1)).toBeLessThanOrEqual(limit - Math.min(admitted, limit));
      }
      expect(admitted).toBeLessThanOrEqual(limit);
      expect(admitted).toBeGreaterThanOrEqual(0.95 * limit);
      for (const index of [0, 1]) {
        const own = told.filter((_, place) => place % 2 === index);
        expect(own).toEqual([...own].sort((left, right) => right - left));
      }
    }));

  it('O25 a key that is revoked while it is used ends on both, and what was known of it with it', async () => {
    const key = await bench.createKey({});
    const use = async (index: number): Promise<number> => {
      const response = await ask(index, key);
      await response.text();
      return response.status;
    };
    expect([await use(0), await use(1)]).toEqual([200, 200]);
    const stall = bench.openAi.stallAfter(1, { text: 'All of it.' });
    const stream = await ask(1, key, { stream: true });
    expect((await appAt(0).delete(`/admin/keys/${key.id}`)).status).toBe(200);
    const revokedAt = performance.now();
    // Here at once; there whoever never stops asking keeps it in memory, and that for five seconds at most.
    expect(await use(0)).toBe(401);
    let askedAt = revokedAt;
    let lastLetInAt = revokedAt;
    // However slow the machine is: what it let in, it was asked before.
    while ((await use(1)) !== 401) {
      lastLetInAt = askedAt;
      await new Promise((resolve) => setTimeout(resolve, 25));
      askedAt = performance.now();
    }
    expect(lastLetInAt - revokedAt).toBeLessThan(5_000);
    for (let count = 0; count < 3; count += 1) expect([await use(0), await use(1)]).toEqual([401, 401]);
    // What was let in before goes on.
    stall.release();
    expect(await stream.text()).toContain('[DONE]');
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from '../support/database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const openAi = new FakeOpenAi();
const PRICES = { 'openai/gpt-4o': { input: 100, output: 100 } };
const body = { model: 'openai/gpt-4o', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] };

let database: TestDatabase;
let app: TestApp;

interface ShownKey {
  id: string;
  key: string;
  budgets: { spent_usd: number; reserved_usd: number; remaining_usd: number; resets_at: string | null }[];
}

describe('budgets', () => {
  beforeAll(async () => {
    await openAi.start();
    database = await createTestSchema();
    app = await startTestApp({ database, gateway: gateway() });
  });

  afterAll(async () => {
    await app.close();
    await openAi.stop();
    await dropTestSchema(database);
  });

  function gateway(): object {
    return {
      providers: { openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-test'] } },
      models: {},
      prices: PRICES,
    };
  }

  async function createKey(budgets: object[]): Promise<ShownKey> {
    const made = await app.post('/admin/keys', { name: 'spender', budgets });
    expect(made.status).toBe(201);
    return (await made.json()) as ShownKey;
  }

  async function showKey({ id }: ShownKey): Promise<ShownKey> {
    return (await (await app.get(`/admin/keys/${id}`)).json()) as ShownKey;
  }

  async function until<T>(read: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
    const giveUpAt = performance.now() + 15_000;
    for (;;) {
      const value = await read();
      if (isRight(value)) return value;
      if (performance.now() > giveUpAt) throw new Error(`It stayed ${JSON.stringify(value).slice(0, 1_000)}.`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  describe('a budget', () => {
    it('shows what is left on every answer and to administrators, announces its thresholds, and refuses at the end', async () => {
      openAi.reply({ usage: { input: 10, output: 10 } }).forever();
      const key = await createKey([
        { window: 'month', amount_usd: 0.004, time_zone: 'Europe/Berlin' },
        { window: 'total', amount_usd: 1 },
      ]);
      expect(key.budgets[0]).toMatchObject({ spent_usd: 0, reserved_usd: 0, remaining_usd: 0.004 });
      const first = await app.post('/v1/chat/completions', body, { key: key.key });
      expect(first.status).toBe(200);
      const left = Number(first.headers.get('x-trunkline-budget-remaining-usd'));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(0.004);
      expect(first.headers.get('x-trunkline-budget-spent-percent')).toBeNull();
      const shown = await until(
        () => showKey(key),
        ({ budgets }) => (budgets[0]?.spent_usd ?? 0) > 0 && budgets.every((budget) => budget.reserved_usd === 0),
      );
      expect(shown.budgets).toMatchObject([
        { window: 'month', spent_usd: 0.002, remaining_usd: 0.002 },
        { window: 'total', spent_usd: 0.002, remaining_usd: 0.998, resets_at: null },
      ]);
      expect(new Date(shown.budgets[0]?.resets_at ?? 0).getTime()).toBeGreaterThan(Date.now());
      const stream = await app.post('/v1/chat/completions', { ...body, max_tokens: 5, stream: true }, { key: key.key });
      expect(stream.headers.get('x-trunkline-budget-spent-percent')).toBe('50');
      expect(stream.headers.get('x-trunkline-budget-remaining-usd')).not.toBeNull();
      await stream.text();
      await until(
        () => showKey(key),
        ({ budgets }) => budgets.every((budget) => budget.reserved_usd === 0),
      );
      const refused = await app.post('/v1/chat/completions', body, { key: key.key });
      expect(refused.status).toBe(429);
      expect(refused.headers.get('x-should-retry')).toBe('false');
      expect(refused.headers.get('retry-after')).toBeNull();
      expect(await refused.json()).toMatchObject({
        error: {
          code: 'insufficient_quota',
          message: expect.stringContaining('budget of this key for the month') as unknown,
        },
      });
      const metrics = await until(
        async () => (await app.get('/metrics')).text(),
        // The second request may have been settled before anybody looked.
        (text) =>
          /trunkline_budget_thresholds_reached_total\{owner="key",window="month",percent="(?:50|100)"\} 1/.test(text),
      );
      expect(metrics).toContain('trunkline_budget_refusals_total{owner="key",window="month"} 1');
      // The fake said twice as much as the stream allowed it to.
      expect(metrics).toMatch(/trunkline_budget_overage_usd_total 0\.00[01]/);
    });

    it('leaves nothing reserved and no trace of the process when the server stops', async () => {
      const other = await startTestApp({ database, gateway: gateway(), env: { TRUNKLINE_ADMIN_KEY: 'a'.repeat(40) } });
      const key = await createKey([{ window: 'day', amount_usd: 100 }]);
      // Often enough for a lease.
      for (let count = 0; count < 4; count += 1) {
        expect((await other.post('/v1/chat/completions', body, { key: key.key })).status).toBe(200);
      }
      await other.close();
      const rows = await withClient(database, async (client) => {
        const { rows: periods } = await client.query<{ reserved: string; spent: string }>(
          `select reserved_usd::text as reserved, spent_usd::text as spent from budget_period
           join budget on budget.id = budget_id where key_id = $1`,
          [key.id],
        );
        const { rows: holds } = await client.query(
          `select instance_id from budget_hold join budget on budget.id = budget_id where held_usd > 0 and key_id = $1
         union all select instance_id from budget_exchange where instance_id not in (select id from instance)`,
          [key.id],
        );
        return { periods, holds };
      });
      expect(rows).toEqual({ periods: [{ reserved: '0.0000000000', spent: '0.0080000000' }], holds: [] });
    });
  });
});

import { describe, afterAll, beforeAll, expect, it } from '@jest/globals';
import { TwoVendors } from '../support/two-vendors.js';
import type { TestApp } from '../support/test-app.js';

interface Budget {
  owner: string;
  window: string;
  cap_usd: number;
  spent_usd: number;
  reserved_usd: number;
  remaining_usd: number;
  resets_at: string | null;
}

interface Row {
  status: string;
  cost_usd: number | null;
  usage: { estimated: boolean };
}

const vendors = new TwoVendors();
let app: TestApp;
let key: string;

describe('open usage', () => {
  beforeAll(async () => {
    ({ app } = await vendors.start());
    const made = await app.post('/admin/keys', {
      name: 'with budgets',
      budgets: [
        { window: 'total', amount_usd: 20 },
        { window: 'day', amount_usd: 10, time_zone: 'Asia/Kathmandu' },
      ],
    });
    key = ((await made.json()) as { key: string }).key;
  });

  afterAll(async () => {
    await app.close();
    await vendors.stop();
  });

  async function budgets(): Promise<Budget[]> {
    const answer = await app.get('/v1/usage', { key });
    return ((await answer.json()) as { data: Budget[] }).data;
  }

  async function until<T>(read: () => Promise<T>, isIt: (value: T) => boolean): Promise<T> {
    const giveUpAt = performance.now() + 20_000;
    for (;;) {
      const value = await read();
      if (isIt(value)) return value;
      if (performance.now() > giveUpAt) throw new Error(`It is still ${JSON.stringify(value)}.`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  it('shows what is reserved while a request is under way, and what it spent when it is over', async () => {
    const upstream = vendors.openAi.stallAfter(1);
    const body = { model: 'over-openai', stream: true, max_tokens: 500, messages: [{ role: 'user', content: 'hi' }] };
    const answer = await app.post('/v1/chat/completions', body, { key });
    const id = answer.headers.get('x-request-id') ?? '';
    const row = async (): Promise<Row> => (await (await app.get(`/v1/usage/requests/${id}`, { key })).json()) as Row;
    const open = await until(row, ({ status }) => status === 'open');
    expect(open.usage.estimated).toBe(true);
    const listed = (await (await app.get('/admin/requests?status=open')).json()) as { data: { request_id: string }[] };
    expect(listed.data.map(({ request_id }) => request_id)).toEqual([id]);
    const report = (await (await app.get('/admin/usage?group_by=')).json()) as {
      data: { requests: { total: number } }[];
    };
    expect(report.data[0]?.requests.total).toBe(0);
    const during = await budgets();
    expect(during).toMatchObject([
      { owner: 'key', window: 'day', cap_usd: 10, spent_usd: 0, time_zone: 'Asia/Kathmandu' },
      { owner: 'key', window: 'total', cap_usd: 20, spent_usd: 0, resets_at: null },
    ]);
    expect(during[0]?.resets_at).toMatch(/T18:15:00\.000Z$/);
    for (const { cap_usd, reserved_usd, remaining_usd } of during) {
      expect(reserved_usd).toBeGreaterThan(0);
      expect(remaining_usd).toBeCloseTo(cap_usd - reserved_usd, 9);
    }
    upstream.release();
    await answer.text();
    const { cost_usd } = await until(row, ({ status }) => status === 'succeeded');
    // A lease of a second may keep the rest.
    const after = await until(budgets, (data) => data.every(({ reserved_usd }) => reserved_usd === 0));
    for (const { cap_usd, spent_usd, remaining_usd } of after) {
      expect(spent_usd).toBe(cost_usd);
      expect(remaining_usd).toBeCloseTo(cap_usd - spent_usd, 9);
    }
  });
});

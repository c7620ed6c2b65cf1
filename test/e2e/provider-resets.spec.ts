import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { createTestSchema, dropTestSchema, type TestDatabase } from '../support/database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const PROMISED_MS = 5_000;
const MODEL = 'model-a';

interface ShownTarget {
  provider: string;
  model: string;
  state: string;
  breaker: string;
  in_flight: number;
  latency: { p50_ms: number | null; p99_ms: number | null };
  error_rate: number;
  consecutive_failures: number;
  last_errors: { kind: string; at: string }[];
  credentials: { total: number; usable: number };
  cool_downs: { credential: string; reason: string; everywhere: boolean; retry_after_ms: number }[];
  limits: { in_use: number; queued: number; queue_size: number; concurrency: number | null } | null;
}

describe('resetting a provider, with two processes on one database', () => {
  const fake = new FakeOpenAi();
  let database: TestDatabase;
  let apps: TestApp[];

  const gateway = () => ({
    providers: {
      lab: {
        type: 'openai-compatible',
        base_url: fake.url,
        api_keys: ['sk-one', 'sk-two'],
        limits: { concurrency: 8 },
        queue: { size: 5 },
        breaker: { failure_ratio: 0.5, min_requests: 2, open_ms: 600_000 },
      },
    },
    models: { alone: { targets: [`lab/${MODEL}`] } },
  });

  beforeAll(async () => {
    await fake.start();
    database = await createTestSchema();
    const env = { TRUNKLINE_ADMIN_KEY: 'admin-key-of-both-processes' };
    const first = await startTestApp({ gateway: gateway(), env, database });
    apps = [first, await startTestApp({ gateway: gateway(), env, database })];
  });

  beforeEach(() => {
    fake.reset();
    for (const app of apps) app.resetProviders();
  });

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await dropTestSchema(database);
    await fake.stop();
  });

  function app(index: 0 | 1): TestApp {
    const found = apps[index];
    if (!found) throw new Error('The application did not start.');
    return found;
  }

  async function target(index: 0 | 1): Promise<ShownTarget> {
    const { data } = (await (await app(index).get('/admin/providers')).json()) as { data: ShownTarget[] };
    const found = data.find(({ provider, model }) => provider === 'lab' && model === MODEL);
    if (!found) throw new Error('The target is not shown.');
    return found;
  }

  function ask(index: 0 | 1): Promise<Response> {
    return app(index).post('/v1/chat', { message: 'Hello', model: 'alone' });
  }

  async function msUntilHealthy(index: 0 | 1): Promise<number> {
    const startedAt = performance.now();
    for (;;) {
      const { state } = await target(index);
      const waitedMs = performance.now() - startedAt;
      if (state === 'healthy' || waitedMs > 2 * PROMISED_MS) return waitedMs;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('F12 takes refused credentials back into use, here at once and there within five seconds', async () => {
    fake.failWith(401).forever();
    for (const index of [0, 1] as const) {
      expect((await ask(index)).status).toBe(502);
      const sick = await target(index);
      expect(sick).toMatchObject({
        state: 'sick',
        breaker: 'closed',
        credentials: { total: 2, usable: 0 },
        last_errors: [{ kind: 'authentication' }, { kind: 'authentication' }],
        consecutive_failures: 2,
      });
      expect(sick.cool_downs).toEqual([
        {
          credential: expect.stringMatching(/^[0-9a-f]{12}$/),
          reason: 'authentication',
          everywhere: true,
          retry_after_ms: expect.any(Number),
        },
        {
          credential: expect.stringMatching(/^[0-9a-f]{12}$/),
          reason: 'authentication',
          everywhere: true,
          retry_after_ms: expect.any(Number),
        },
      ]);
      expect(JSON.stringify(sick)).not.toContain('sk-one');
    }
    fake.reset();

    const response = await app(0).post('/admin/providers/lab/reset', { reason: 'the keys were renewed' });
    const reset = (await response.json()) as { provider: string; reset_at: string };
    expect([response.status, reset.provider]).toEqual([200, 'lab']);
    expect(Date.parse(reset.reset_at)).not.toBeNaN();
    expect(await target(0)).toMatchObject({ state: 'healthy', cool_downs: [], credentials: { usable: 2 } });
    expect(await msUntilHealthy(1)).toBeLessThan(PROMISED_MS);
    expect((await ask(1)).status).toBe(200);
  });

  it('closes breakers, as often as it is asked to', async () => {
    fake.failWith(500).forever();
    for (const index of [0, 1] as const) {
      expect((await ask(index)).status).toBe(502);
      expect(await target(index)).toMatchObject({ state: 'sick', breaker: 'open' });
    }
    fake.reset();
    for (let count = 0; count < 2; count += 1) {
      expect((await app(1).request('POST', '/admin/providers/lab/reset')).status).toBe(200);
      expect(await target(1)).toMatchObject({ state: 'healthy', breaker: 'closed' });
    }
    expect(await msUntilHealthy(0)).toBeLessThan(PROMISED_MS);
  });

  it('says in the log who asked for it and why', async () => {
    const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    try {
      await app(0).post('/admin/providers/lab/reset', { reason: 'a drill' });
      expect(log).toHaveBeenCalledWith(
        expect.stringMatching(/^lab was reset by the key key_[0-9A-Z]{24}\. Reason: "a drill"\.$/),
      );
    } finally {
      log.mockRestore();
    }
  });

  it('refuses unknown providers, unknown fields, and keys that are not of an administrator', async () => {
    const unknown = await app(0).post('/admin/providers/nobody/reset', {});
    expect([unknown.status, await unknown.json()]).toMatchObject([
      404,
      { error: { code: 'not_found', message: expect.stringContaining('lab') } },
    ]);
    const field = await app(0).post('/admin/providers/lab/reset', { why: 'x' });
    expect([field.status, await field.json()]).toMatchObject([400, { error: { code: 'unknown_parameter' } }]);
    const key = await app(0).createKey();
    const forbidden = await app(0).post('/admin/providers/lab/reset', {}, { key });
    expect([forbidden.status, await forbidden.json()]).toMatchObject([403, { error: { code: 'insufficient_scope' } }]);
  });

  it('shows how a healthy target does, with its limits', async () => {
    expect((await ask(0)).status).toBe(200);
    const shown = await target(0);
    expect(shown).toMatchObject({ state: 'healthy', in_flight: 0, error_rate: expect.any(Number), cool_downs: [] });
    expect(shown.latency.p50_ms).toBeGreaterThan(0);
    expect(shown.latency.p99_ms).toBeGreaterThanOrEqual(shown.latency.p50_ms ?? Infinity);
    expect(shown.limits).toMatchObject({ in_use: 0, queued: 0, queue_size: 5, concurrency: expect.any(Number) });
  });
});

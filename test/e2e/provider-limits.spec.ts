import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { ProviderRegistry } from '../../src/providers/provider-registry.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('limits of providers', () => {
  const fake = new FakeOpenAi();
  const spare = new FakeOpenAi();
  let app: TestApp;
  let client: OpenAI;

  beforeAll(async () => {
    await Promise.all([fake.start(), spare.start()]);
    const provider = (limits: object, queue: object = {}) => ({
      type: 'openai-compatible',
      base_url: fake.url,
      api_keys: ['sk-one', 'sk-two'],
      limits,
      queue,
    });
    app = await startTestApp({
      gateway: {
        providers: {
          narrow: provider({ concurrency: 2 }),
          impatient: provider({ concurrency: 1 }, { size: 1, wait_ms: 200 }),
          paced: provider({ requests_per_minute: 240 }),
          stingy: provider({ tokens_per_minute: 12_000 }),
          spare: { type: 'openai-compatible', base_url: spare.url, api_keys: ['sk-spare'] },
        },
        models: {
          pair: { targets: ['impatient/x', 'spare/x'] },
        },
      },
    });
    client = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  });

  beforeEach(() => {
    fake.reset();
    spare.reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all([fake.stop(), spare.stop()]);
  });

  const ask = (model: string, options: { signal?: AbortSignal; maxTokens?: number } = {}) =>
    client.chat.completions
      .create(
        { model, messages: [{ role: 'user', content: 'Hi.' }], max_tokens: options.maxTokens },
        { signal: options.signal },
      )
      .asResponse();

  const limitsOf = (provider: string) =>
    app.nest
      .get(ProviderRegistry)
      .health()
      .find((target) => target.provider === provider)?.limits;

  async function until(what: () => boolean): Promise<void> {
    const endsAt = performance.now() + 5_000;
    while (!what()) {
      if (performance.now() > endsAt) throw new Error('It did not come to that.');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  it('never has more requests under way than the provider may have, and loses none', async () => {
    let most = 0;
    fake.slowFirst(60).forever();
    const watch = setInterval(() => {
      most = Math.max(most, fake.requests.filter(({ completed }) => !completed).length);
    }, 5);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('narrow/x')));
    clearInterval(watch);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect([fake.requests.length, most]).toEqual([8, 2]);
    expect(answers.map(({ headers }) => headers.get('x-trunkline-attempts'))).toEqual(answers.map(() => '1'));
    expect(limitsOf('narrow')).toMatchObject({ inUse: 0, queued: 0 });
  });

  it('sends evenly spaced what came at once', async () => {
    await Promise.all(Array.from({ length: 9 }, () => ask('paced/x')));
    const times = fake.requests.map(({ receivedAt }) => receivedAt).sort((left, right) => left - right);
    // Four are a second's worth and go at once; the others follow at 237 a minute.
    const spread = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect(spread).toBeGreaterThan(1_100);
    expect(spread).toBeLessThan(5_000);
  });

  it('counts what an answer really used', async () => {
    // Each may take six thousand tokens, which is half a minute of this limit.
    for (let index = 0; index < 3; index += 1) expect((await ask('stingy/x', { maxTokens: 6_000 })).status).toBe(200);
  });

  it('says when to come back when there is no room and no time to wait', async () => {
    const held = fake.hang();
    const controller = new AbortController();
    const first = ask('impatient/x', { signal: controller.signal }).catch(() => null);
    await until(() => fake.requests.length === 1);
    const waiting = ask('impatient/x').catch((error: unknown) => error);
    await until(() => limitsOf('impatient')?.queued === 1);
    const refused: unknown = await ask('impatient/x').catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 503, code: 'upstream_overloaded', type: 'upstream_error' });
    const { headers } = refused as InstanceType<typeof OpenAI.APIError>;
    expect(Number(headers?.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(headers?.get('x-should-retry')).toBeNull();
    expect(await waiting).toMatchObject({ status: 503, code: 'upstream_overloaded' });
    expect(fake.requests).toHaveLength(1);
    controller.abort();
    await first;
    await until(() => limitsOf('impatient')?.inUse === 0);
    held.release();
  });

  it('goes to the next target at once, as the first attempt', async () => {
    fake.hang();
    const controller = new AbortController();
    const first = ask('pair', { signal: controller.signal }).catch(() => null);
    await until(() => fake.requests.length === 1);
    const { headers } = await ask('pair');
    expect(headers.get('x-trunkline-provider')).toBe('spare');
    expect(headers.get('x-trunkline-attempts')).toBe('1');
    controller.abort();
    await first;
    await until(() => limitsOf('impatient')?.inUse === 0);
  });

  it('a client that leaves the queue is never sent, and its place is free', async () => {
    fake.hang();
    const [first, second] = [new AbortController(), new AbortController()];
    const held = ask('impatient/x', { signal: first.signal }).catch(() => null);
    await until(() => fake.requests.length === 1);
    const queued = ask('impatient/x', { signal: second.signal }).catch(() => null);
    await until(() => limitsOf('impatient')?.queued === 1);
    second.abort();
    await until(() => limitsOf('impatient')?.queued === 0);
    first.abort();
    await Promise.all([held, queued]);
    await until(() => limitsOf('impatient')?.inUse === 0);
    expect((await ask('impatient/x')).status).toBe(200);
    expect(fake.requests).toHaveLength(2);
  });
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { steadyLoad } from '../support/steady-load.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const OPEN_MS = 5_000;
const OUTAGE_SECONDS = 60;
const PER_SECOND = 20;
const FAST_MS = 50;
const provider = new FakeOpenAi();
let app: TestApp;

interface Answer {
  at: number;
  tookMs: number;
  status: number;
}

beforeAll(async () => {
  await provider.start();
  app = await startTestApp({
    gateway: {
      providers: {
        lab: { type: 'openai-compatible', base_url: provider.url, api_keys: ['sk'], breaker: { open_ms: OPEN_MS } },
      },
      models: { alone: { targets: ['lab/model'] } },
    },
  });
});

afterAll(async () => {
  await app.close();
  await provider.stop();
});

it(`F43 an outage of ${String(OUTAGE_SECONDS)} s: fast refusals, few probes, and full service right after it`, async () => {
  provider.failWith(500).forever();
  const during = await load(OUTAGE_SECONDS);
  const settled = during.filter(({ at }) => at > OPEN_MS);
  const refused = settled.filter(({ status }) => status === 503).map(({ tookMs }) => tookMs);
  const served = provider.requests.length;
  process.stdout.write(`${String(during.length)} requests, ${String(served)} upstream calls\n`);
  expect(refused.length / settled.length).toBeGreaterThan(0.9);
  expect(percentile(refused, 0.99)).toBeLessThan(FAST_MS);
  // Opening takes the first few calls with their retries; from then on one probe (which may retry) for each open interval.
  expect(served).toBeLessThanOrEqual(60 + 3 * Math.ceil((OUTAGE_SECONDS * 1000) / OPEN_MS));

  provider.reset();
  const after = await load((2 * OPEN_MS) / 1000);
  const recovered = after.filter(({ at }) => at > OPEN_MS + 1_000);
  expect(recovered.filter(({ status }) => status !== 200)).toEqual([]);
});

async function load(seconds: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  const startedAt = performance.now();
  await steadyLoad({ perSecond: PER_SECOND, seconds }, async () => {
    const sentAt = performance.now();
    const response = await app.post('/v1/chat', { model: 'alone', message: 'Hello' });
    await response.text();
    answers.push({ at: sentAt - startedAt, tookMs: performance.now() - sentAt, status: response.status });
  });
  return answers;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

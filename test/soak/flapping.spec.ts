import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';
import { steadyLoad } from '../support/steady-load.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const LOAD = { perSecond: 100, seconds: 60 };
const random = seededRandom(soakSeed());
const bad = new FakeOpenAi();
const healthy = new FakeAnthropic();
let app: TestApp;

beforeAll(async () => {
  await Promise.all([bad.start(), healthy.start()]);
  app = await startTestApp({
    gateway: {
      providers: {
        bad: { type: 'openai-compatible', base_url: bad.url, api_keys: ['sk-bad'] },
        healthy: { type: 'anthropic', base_url: healthy.url, api_keys: ['sk-healthy'] },
      },
      models: { both: { targets: ['bad/model', 'healthy/claude-sonnet-5'], timeouts: { first_content_ms: 1000 } } },
    },
  });
});

afterAll(async () => {
  await app.close();
  await Promise.all([bad.stop(), healthy.stop()]);
});

it(`F42 a provider that fails half of the time, then goes silent: ${String(LOAD.perSecond)} requests/s for ${String(LOAD.seconds)} s`, async () => {
  const failures: string[] = [];
  let served = 0;
  const half = (LOAD.perSecond * LOAD.seconds) / 2;
  await steadyLoad(LOAD, async (index) => {
    if (index === half) served += goSilent();
    if (index < half && random() < 0.5) bad.failWith(random() < 0.5 ? 500 : 503);
    else if (index < half) bad.reply({});
    const failure = await ask(random() < 0.5);
    if (failure !== null) failures.push(failure);
  });
  const requests = half * 2;
  const upstream = served + bad.requests.length + healthy.requests.length;
  const success = 1 - failures.length / requests;
  process.stdout.write(
    `${String(requests)} requests, ${String(failures.length)} failed, ${(upstream / requests).toFixed(3)} upstream calls each; ` +
      `the bad provider served ${String(served)} while flapping and ${String(bad.requests.length)} in silence\n`,
  );
  expect([...new Set(failures)].slice(0, 5)).toHaveLength(success >= 0.999 ? Math.min(failures.length, 5) : 0);
  expect(success).toBeGreaterThanOrEqual(0.999);
  expect(upstream / requests).toBeLessThanOrEqual(1.2);
});

/** From now on every request is taken and none answered; gives how many were served until now. */
function goSilent(): number {
  const served = bad.requests.length;
  bad.reset();
  bad.hang().forever();
  return served;
}

/** Null when the answer came whole; else what came in its place. */
async function ask(stream: boolean): Promise<string | null> {
  const body = { model: 'both', stream, messages: [{ role: 'user', content: 'Hello' }] };
  try {
    const response = await app.post('/v1/chat/completions', body);
    const text = await response.text();
    const isWhole = stream ? text.endsWith('data: [DONE]\n\n') : text.includes('"finish_reason":"stop"');
    return response.status === 200 && isWhole ? null : `${String(response.status)} ${text.slice(-300)}`;
  } catch (error) {
    return String(error);
  }
}

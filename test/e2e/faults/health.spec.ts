import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { CHAT_SURFACES, type Answer, type Surface } from './client.js';
import { FaultBench, TIMERS } from './fault-bench.js';
import { useBench } from './fault-matrix.js';
import { ledgerOf } from './ledger.js';

const OPEN_MS = 500;
const FAST_MS = 50;
const SURFACES = CHAT_SURFACES.map((surface) => [surface.name, surface] as const);
const MESSAGES = [{ role: 'user' as const, content: 'Hello there' }];

describe('health', () => {
  const bench = new FaultBench();
  useBench(bench, {
    providers: () => ({
      'a-flapping': openAi(bench, { failure_ratio: 0.5, min_requests: 10 }),
      'a-failing': openAi(bench, { failure_ratio: 0.5, min_requests: 10, open_ms: OPEN_MS }),
      'a-dead': openAi(bench, { failure_ratio: 0.5, min_requests: 4, open_ms: OPEN_MS, probes: 1 }),
    }),
    models: {
      flapping: { targets: ['a-flapping/m', 'anthropic/m'], timeouts: { first_content_ms: 2_000 } },
      failing: { targets: ['a-failing/m', 'anthropic/m'], timeouts: { first_content_ms: 1_000 } },
      out: { targets: ['a-dead/m'], timeouts: TIMERS },
    },
  });

  const upstreamCalls = (): number => bench.openai.requests.length + bench.anthropic.requests.length;

  it.each(SURFACES)('F42 flapping: half of the requests fail, no client does, %s', async (_name, surface) => {
    bench.openai.failEveryOther(500).forever();
    const answers = await askMany(bench, surface, { model: 'flapping', count: 200, atOnce: 8 });
    expect(answers.filter((answer) => !answer.isWhole)).toEqual([]);
    expect(upstreamCalls()).toBeLessThanOrEqual(1.2 * answers.length);
    for (const answer of answers.slice(0, 20)) {
      const { attempts } = await ledgerOf(bench, answer);
      const failed = attempts.filter(({ outcome }) => outcome === 'failed');
      expect(failed.map((attempt) => attempt.cost_usd)).toEqual(failed.map(() => 0));
    }
    expect((await bench.target('a-flapping')).breaker).toBe('open');
  });

  it('F42 half of the requests fail, then all of them stall: no client notices', async () => {
    const [surface] = CHAT_SURFACES;
    if (!surface) throw new Error('There is no surface.');
    bench.openai.failEveryOther(500).forever();
    const before = await askMany(bench, surface, { model: 'failing', count: 100, atOnce: 8 });
    bench.openai.hang().forever();
    const after = await askMany(bench, surface, { model: 'failing', count: 400, atOnce: 8 });
    expect([...before, ...after].filter((answer) => !answer.isWhole)).toEqual([]);
    expect(upstreamCalls()).toBeLessThanOrEqual(1.2 * 500);
  });

  it.each(SURFACES)('F43 a total outage and its end, %s', async (_name, surface) => {
    bench.openai.failWith(503).forever();
    await askUntil(bench, surface, ({ error }) => error?.code === 'no_healthy_upstream');
    const callsBefore = upstreamCalls();
    const startedAt = performance.now();
    const refusals: Answer[] = [];
    while (performance.now() - startedAt < 3 * OPEN_MS) {
      const answer = await surface.ask(bench.client, 'out');
      expect(answer.status).toBe(503);
      if (answer.error?.code === 'no_healthy_upstream') refusals.push(answer);
    }
    const openings = Math.ceil((performance.now() - startedAt) / OPEN_MS);
    expect(upstreamCalls() - callsBefore).toBeGreaterThan(0);
    expect(upstreamCalls() - callsBefore).toBeLessThanOrEqual(openings);
    for (const refusal of refusals) {
      expect(refusal.headers.get('x-trunkline-attempts')).toBeNull();
      expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    const slow = refusals.filter((refusal) => refusal.durationMs >= FAST_MS);
    expect(slow.length).toBeLessThanOrEqual(refusals.length / 20);
    const first = refusals[0];
    if (first) expect(await ledgerOf(bench, first)).toMatchObject({ status: 'failed', attempts: [], cost_usd: 0 });

    bench.openai.reset();
    const endedAt = performance.now();
    const probe = await askUntil(bench, surface, ({ isWhole }) => isWhole);
    expect(performance.now() - endedAt).toBeLessThanOrEqual(OPEN_MS + probe.durationMs + FAST_MS);
    expect((await bench.target('a-dead')).breaker).toBe('closed');
    const served = await askMany(bench, surface, { model: 'out', count: 20, atOnce: 4 });
    expect(served.filter((one) => !one.isWhole)).toEqual([]);
  });

  it('F43 while it is half open, only the probe goes through', async () => {
    const [surface] = CHAT_SURFACES;
    if (!surface) throw new Error('There is no surface.');
    bench.openai.failWith(503).forever();
    await askUntil(bench, surface, ({ error }) => error?.code === 'no_healthy_upstream');
    bench.openai.reset();
    bench.openai.slowFirst(200);
    const asking = askUntil(bench, surface, ({ isWhole }) => isWhole);
    await bench.openai.nextRequest();
    const others = await askMany(bench, surface, { model: 'out', count: 8, atOnce: 8 });
    expect(others.map(({ error }) => error?.code)).toEqual(Array(8).fill('no_healthy_upstream'));
    await asking;
    expect(bench.openai.requests).toHaveLength(1);
  });

  describe('F44 the official client, which tries again itself', () => {
    const patient = (): OpenAI => new OpenAI({ baseURL: `${bench.app.url}/v1`, apiKey: bench.app.adminKey });

    it.each([
      ['500', () => bench.openai.failWith(500), 3],
      ['503', () => bench.openai.failWith(503), 3],
      ['429', () => bench.openai.failWith(429), 2],
      ['a page', () => bench.openai.html(), 2],
      ['reset', () => bench.openai.resetAtOnce(), 3],
      ['silence', () => bench.openai.hang(), 3],
    ] as const)('asks upstream no more often than we do: %s', async (_what, script, most) => {
      script().forever();
      const client = patient();
      expect(client.maxRetries).toBe(2);
      await expect(client.chat.completions.create({ model: 'openai-alone', messages: MESSAGES })).rejects.toThrow();
      expect(bench.openai.requests.length).toBeLessThanOrEqual(most);
      expect(most).toBeLessThanOrEqual(3);
    });

    it('and the same with a stream', async () => {
      bench.openai.failWith(500).forever();
      const create = patient().chat.completions.create({ model: 'openai-alone', messages: MESSAGES, stream: true });
      await expect(create).rejects.toMatchObject({ status: 502 });
      expect(bench.openai.requests).toHaveLength(3);
    });

    it('and embeddings', async () => {
      bench.openai.failWith(500).forever();
      const create = patient().embeddings.create({ model: 'embed-openai-alone', input: 'Hello' });
      await expect(create).rejects.toMatchObject({ status: 502 });
      expect(bench.openai.requests).toHaveLength(3);
    });
  });
});

function openAi(bench: FaultBench, breaker: object): object {
  return { type: 'openai-compatible', base_url: bench.openai.url, api_keys: ['sk-openai-key'], breaker };
}

/** Asks the model that is out, again and again, until the answer is the one; gives up after 20 s. */
async function askUntil(bench: FaultBench, surface: Surface, isIt: (answer: Answer) => boolean): Promise<Answer> {
  const giveUpAt = performance.now() + 20_000;
  while (performance.now() < giveUpAt) {
    const answer = await surface.ask(bench.client, 'out');
    if (isIt(answer)) return answer;
  }
  throw new Error('The answer did not come.');
}

async function askMany(
  bench: FaultBench,
  surface: Surface,
  { model, count, atOnce }: { model: string; count: number; atOnce: number },
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let started = 0;
  const work = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      answers.push(await surface.ask(bench.client, model));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answers;
}

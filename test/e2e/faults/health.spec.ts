import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { Scripted } from '../../fakes/behaviour-script.js';
import type { Answer } from './answer.js';
import { expectFailure } from './expect-answer.js';
import { FaultBench, useBench } from './fault-bench.js';
import { TIMERS } from './fault-gateway.js';
import type { FaultLane } from './fault-lane.js';
import { ledgerOf } from './ledger.js';
import { pairUp } from './pair-up.js';
import { STREAMS, type Surface, TEXT_SURFACES, WHOLE } from './surfaces.js';
import { isTold } from './told-error.js';

const OPEN_MS = 500;
const FAST_MS = 50;
const MESSAGES = [{ role: 'user' as const, content: 'Hello there' }];
const HALF = { failure_ratio: 0.5, min_requests: 10 };

describe('health', () => {
  const bench = new FaultBench();
  useBench(bench, {
    lanes: 4,
    providers: (lane) => ({
      'a-flapping': openAi(lane, HALF),
      'a-failing': openAi(lane, { ...HALF, open_ms: OPEN_MS }),
      'a-dead': openAi(lane, { failure_ratio: 0.5, min_requests: 4, open_ms: OPEN_MS, probes: 1 }),
      'a-lost': openAi(lane, { failure_ratio: 0.5, min_requests: 1, open_ms: 60_000, probes: 1 }),
    }),
    models: {
      flapping: { targets: ['a-flapping/m', 'anthropic/m'], timeouts: { first_content_ms: 2_000 } },
      failing: { targets: ['a-failing/m', 'anthropic/m'], timeouts: { first_content_ms: 1_000 } },
      out: { targets: ['a-dead/m'], timeouts: TIMERS },
      lost: { targets: ['a-lost/m'], timeouts: TIMERS },
    },
  });

  bench.each(pairUp(TEXT_SURFACES, 0, ['openai']), 'F43 a breaker that is open is told', async (lane, { surface }) => {
    lane.openai.failWith(503).forever();
    await lane.ask(surface, 'lost');
    const calls = lane.openai.requests.length;
    const answer = await lane.ask(surface, 'lost');
    expectFailure(answer, { status: 503, code: 'no_healthy_upstream', retryAfter: { from: 1, to: 60 } }, 0, 'openai');
    expect(lane.openai.requests).toHaveLength(calls);
  });

  describe('F44 the official client, which tries again itself, asks upstream no more often than we do', () => {
    asks('500', (lane) => lane.openai.failWith(500), 3);
    asks('503', (lane) => lane.openai.failWith(503), 3);
    asks('429', (lane) => lane.openai.failWith(429), 2);
    asks('a page', (lane) => lane.openai.html(), 2);
    asks('reset', (lane) => lane.openai.resetAtOnce(), 3);
    asks('silence', (lane) => lane.openai.hang(), 3);

    function asks(what: string, script: (lane: FaultLane) => Scripted, most: number): void {
      bench.it(what, async (lane) => {
        script(lane).forever();
        const client = patient(lane);
        expect(client.maxRetries).toBe(2);
        const model = lane.nameOf('openai-alone');
        await expect(client.chat.completions.create({ model, messages: MESSAGES })).rejects.toThrow();
        expect(lane.openai.requests.length).toBeLessThanOrEqual(most);
      });
    }

    bench.it('a stream', async (lane) => {
      lane.openai.failWith(500).forever();
      const model = lane.nameOf('openai-alone');
      const create = patient(lane).chat.completions.create({ model, messages: MESSAGES, stream: true });
      await expect(create).rejects.toMatchObject({ status: 502 });
      expect(lane.openai.requests).toHaveLength(3);
    });

    bench.it('embeddings', async (lane) => {
      lane.openai.failWith(500).forever();
      const create = patient(lane).embeddings.create({ model: lane.nameOf('embed-openai-alone'), input: 'Hello' });
      await expect(create).rejects.toMatchObject({ status: 502 });
      expect(lane.openai.requests).toHaveLength(3);
    });
  });

  describe('alone on the machine, with the budget for retries', () => {
    const upstreamCalls = (): number => bench.lane.openai.requests.length + bench.lane.anthropic.requests.length;
    const surfaces = [WHOLE[0], STREAMS.at(-1)].filter((surface) => surface !== undefined);

    beforeEach(() => {
      bench.lane.reset();
    });

    it('F42 flapping: half of the requests fail, no client does', async () => {
      const { lane } = bench;
      lane.openai.failEveryOther(500).forever();
      const answers = await askMany(lane, TEXT_SURFACES, { model: 'flapping', count: 200, atOnce: 8 });
      expect(answers.filter((answer) => !answer.isWhole)).toEqual([]);
      expect(upstreamCalls()).toBeLessThanOrEqual(1.2 * answers.length);
      for (const answer of answers.slice(0, 20)) {
        const { attempts } = await ledgerOf(lane, answer);
        const failed = attempts.filter(({ outcome }) => outcome === 'failed');
        expect(failed.map((attempt) => attempt.cost_usd)).toEqual(failed.map(() => 0));
      }
      expect((await lane.target('a-flapping')).breaker).toBe('open');
    });

    it('F42 half of the requests fail, then all of them stall: no client notices', async () => {
      const { lane } = bench;
      lane.openai.failEveryOther(500).forever();
      const before = await askMany(lane, TEXT_SURFACES, { model: 'failing', count: 60, atOnce: 8 });
      lane.openai.hang().forever();
      const after = await askMany(lane, TEXT_SURFACES, { model: 'failing', count: 240, atOnce: 8 });
      expect([...before, ...after].filter((answer) => !answer.isWhole)).toEqual([]);
      expect(upstreamCalls()).toBeLessThanOrEqual(1.2 * 300);
    });

    it.each(surfaces.map((surface) => [surface.name, surface] as const))(
      'F43 a total outage and its end, %s',
      async (_name, surface) => {
        const { lane } = bench;
        lane.openai.failWith(503).forever();
        await askUntil(lane, surface, isRefused);
        const callsBefore = upstreamCalls();
        const startedAt = performance.now();
        const refusals: Answer[] = [];
        while (performance.now() - startedAt < 3 * OPEN_MS) {
          const answer = await lane.ask(surface, 'out');
          expect([503, 529]).toContain(answer.status);
          if (isRefused(answer)) refusals.push(answer);
          await delay(5);
        }
        const openings = Math.ceil((performance.now() - startedAt) / OPEN_MS);
        expect(upstreamCalls() - callsBefore).toBeGreaterThan(0);
        expect(upstreamCalls() - callsBefore).toBeLessThanOrEqual(openings);
        await expectQuickRefusals(lane, refusals);

        lane.openai.reset();
        const endedAt = performance.now();
        const probe = await askUntil(lane, surface, ({ isWhole }) => isWhole);
        expect(performance.now() - endedAt).toBeLessThanOrEqual(OPEN_MS + probe.durationMs + FAST_MS);
        expect((await lane.target('a-dead')).breaker).toBe('closed');
        const served = await askMany(lane, [surface], { model: 'out', count: 20, atOnce: 4 });
        expect(served.filter((one) => !one.isWhole)).toEqual([]);
      },
    );

    it('F43 while it is half open, only the probe goes through', async () => {
      const { lane } = bench;
      const [surface] = WHOLE;
      if (!surface) throw new Error('There is no surface.');
      lane.openai.failWith(503).forever();
      await askUntil(lane, surface, isRefused);
      lane.openai.reset();
      lane.openai.slowFirst(200);
      const asking = askUntil(lane, surface, ({ isWhole }) => isWhole);
      await lane.openai.nextRequest();
      const others = await askMany(lane, TEXT_SURFACES, { model: 'out', count: 10, atOnce: 10 });
      expect(others.filter(isRefused)).toHaveLength(others.length);
      await asking;
      expect(lane.openai.requests).toHaveLength(1);
    });
  });
});

function isRefused(answer: Answer): boolean {
  return isTold(answer, { status: 503, code: 'no_healthy_upstream' });
}

async function expectQuickRefusals(lane: FaultLane, refusals: readonly Answer[]): Promise<void> {
  for (const refusal of refusals) {
    expect(refusal.headers.get('x-trunkline-attempts')).toBeNull();
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  }
  const slow = refusals.filter((refusal) => refusal.durationMs >= FAST_MS);
  expect(slow.length).toBeLessThanOrEqual(refusals.length / 20);
  const [first] = refusals;
  if (first) expect(await ledgerOf(lane, first)).toMatchObject({ status: 'failed', attempts: [], cost_usd: 0 });
}

function patient({ app }: FaultLane): OpenAI {
  return new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey });
}

function openAi(lane: FaultLane, breaker: object): object {
  return { type: 'openai-compatible', base_url: lane.openai.url, api_keys: ['sk-openai-key'], breaker };
}

/** Asks the model that is out, again and again, until the answer is the one; gives up after 20 s. */
async function askUntil(lane: FaultLane, surface: Surface, isIt: (answer: Answer) => boolean): Promise<Answer> {
  const giveUpAt = performance.now() + 20_000;
  while (performance.now() < giveUpAt) {
    const answer = await lane.ask(surface, 'out');
    if (isIt(answer)) return answer;
  }
  throw new Error('The answer did not come.');
}

/** Asks on the surfaces in turn. */
async function askMany(
  lane: FaultLane,
  surfaces: readonly Surface[],
  { model, count, atOnce }: { model: string; count: number; atOnce: number },
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let started = 0;
  const work = async (): Promise<void> => {
    while (started < count) {
      const surface = surfaces[started % surfaces.length];
      started += 1;
      if (surface) answers.push(await lane.ask(surface, model));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answers;
}

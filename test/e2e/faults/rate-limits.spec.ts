import { describe, expect } from '@jest/globals';
import type { Scripted } from '../../fakes/behaviour-script.js';
import type { Answer } from './answer.js';
import { TEXT_SURFACES, EMBEDDINGS, WHOLE } from './surfaces.js';
import { expectFailure, expectSibling } from './expect-answer.js';
import { FaultBench, useBench } from './fault-bench.js';
import { type FaultLane, SIBLING, type VendorName } from './fault-lane.js';
import { expectBill, ledgerOf } from './ledger.js';
import { pairUp, type SurfaceAndVendor } from './pair-up.js';

/** Longer than a request and its waits on a busy machine, and shorter than any of the waits that must not happen. */
const AT_ONCE_MS = 4_500;

const REPLY = { text: 'After the wait.', usage: SIBLING.usage };
const SURFACES = [...TEXT_SURFACES, EMBEDDINGS];
const ONE = WHOLE.slice(0, 1);

function tooLong(): Record<string, string>[] {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  return [{ 'retry-after': '3600' }, { 'retry-after': inAnHour }, { 'retry-after-ms': '3600000' }];
}

function meaningless(): Record<string, string>[] {
  const anHourAgo = new Date(Date.now() - 3_600_000).toUTCString();
  return ['-1', anHourAgo, 'soon', '', '1e9', '0x10', 'NaN'].map((value) => ({ 'retry-after': value }));
}

describe('rate limits of the provider', () => {
  const bench = new FaultBench();
  useBench(bench, { timers: { first_content_ms: 2_000 } });

  bench.each(pairUp(SURFACES, 0), 'F06 a short wait is waited out, though there is a sibling', async (lane, pair) => {
    const { vendor, surface } = pair;
    const sibling = lane.healthySibling(vendor, surface.isEmbedding);
    limited(lane, vendor, { 'retry-after': '1' });
    lane[vendor].reply(REPLY);
    const answer = await lane.ask(surface, modelOf(pair, 'first'));
    expect(answer.status).toBe(200);
    expect(answer.durationMs).toBeGreaterThanOrEqual(990);
    expect(answer.headers.get('x-trunkline-attempts')).toBe('2');
    expect(lane[vendor].requests).toHaveLength(2);
    expect(sibling.requests).toHaveLength(0);
    const row = await ledgerOf(lane, answer);
    expect(row.attempts).toMatchObject([{ outcome: 'failed', error_kind: 'rate-limited' }, { outcome: 'succeeded' }]);
    for (const attempt of row.attempts.slice(0, 1)) expectBill(attempt, 'nothing');
  });

  bench.each(pairUp(SURFACES, 1), 'F06 a longer one is not: the sibling answers at once', async (lane, pair) => {
    limited(lane, pair.vendor, { 'retry-after': '5' }).forever();
    await expectSiblingAtOnce(lane, pair);
    await expectUntouchedBreaker(lane, pair);
  });

  describe.each([0, 1, 2])('F07 an absurd wait (%i)', (which) => {
    bench.each(pairUp(SURFACES, which), 'is never waited out', async (lane, pair) => {
      limited(lane, pair.vendor, tooLong()[which]).forever();
      const answer = await lane.ask(pair.surface, modelOf(pair, 'alone'));
      expect(answer.durationMs).toBeLessThan(AT_ONCE_MS);
      const failure = { status: 429, code: 'upstream_rate_limited', retryAfter: { from: 50, to: 60 } };
      expectFailure(answer, failure, 1, pair.vendor);
      expect(lane[pair.vendor].requests).toHaveLength(1);
      const row = await ledgerOf(lane, answer);
      expect(row).toMatchObject({ status: 'failed', error_code: 'upstream_rate_limited' });
      expectBill(row, 'nothing');
      await expectUntouchedBreaker(lane, pair);
    });
  });

  bench.each(
    pairUp(SURFACES, 2),
    'F07 without a word about when: once more, then the client hears of it',
    async (lane, pair) => {
      limited(lane, pair.vendor).forever();
      const answer = await expectToldOfTheLimit(lane, pair);
      expectBill(await ledgerOf(lane, answer), 'nothing');
      await expectUntouchedBreaker(lane, pair);
    },
  );

  bench.each(pairUp(SURFACES, 0), 'F07 without a word about when: the sibling answers at once', async (lane, pair) => {
    limited(lane, pair.vendor).forever();
    await expectSiblingAtOnce(lane, pair);
  });

  const words = meaningless().map((headers) => [JSON.stringify(headers['retry-after']), headers] as const);
  describe.each(words)('F07 the wait %s', (_text, headers) => {
    bench.each(pairUp(ONE), 'means nothing', async (lane, pair) => {
      limited(lane, pair.vendor, headers).forever();
      await expectToldOfTheLimit(lane, pair);
    });
  });

  bench.each(
    pairUp(ONE, 0, ['openai']),
    'F06 with nowhere to go, a wait of seconds is waited out',
    async (lane, pair) => {
      limited(lane, 'openai', { 'retry-after': '3' });
      lane.openai.reply(REPLY);
      const answer = await lane.ask(pair.surface, 'openai-alone');
      expect(answer).toMatchObject({ status: 200, text: REPLY.text });
      expect(answer.durationMs).toBeGreaterThanOrEqual(2_990);
      expect(lane.openai.requests).toHaveLength(2);
    },
  );

  bench.each(pairUp(ONE, 0, ['openai']), 'F06 with nowhere to go, waits end after 10 s in all', async (lane, pair) => {
    limited(lane, 'openai', { 'retry-after': '6' }).forever();
    const answer = await lane.ask(pair.surface, 'openai-alone');
    expect(answer.durationMs).toBeGreaterThanOrEqual(5_990);
    expect(answer.durationMs).toBeLessThan(10_000);
    const failure = { status: 429, code: 'upstream_rate_limited', retryAfter: { from: 1, to: 6 } };
    expectFailure(answer, failure, 2, 'openai');
    expect(lane.openai.requests).toHaveLength(2);
  });

  bench.each(pairUp(ONE, 0, ['openai']), 'F06 a date is a wait like any other', async (lane, pair) => {
    limited(lane, 'openai', { 'retry-after': new Date(Date.now() + 8_000).toUTCString() }).forever();
    await expectSiblingAtOnce(lane, pair);
  });
});

function limited(lane: FaultLane, vendor: VendorName, headers: Record<string, string> = {}): Scripted {
  return lane[vendor].failWith(429, null, headers);
}

function modelOf({ surface, vendor }: SurfaceAndVendor, role: 'alone' | 'first'): string {
  return `${surface.isEmbedding ? 'embed-' : ''}${vendor}-${role}`;
}

async function expectSiblingAtOnce(lane: FaultLane, pair: SurfaceAndVendor): Promise<void> {
  const { surface, vendor } = pair;
  lane.healthySibling(vendor, surface.isEmbedding);
  const answer = await lane.ask(surface, modelOf(pair, 'first'));
  expect(answer.durationMs).toBeLessThan(AT_ONCE_MS);
  await expectSibling(lane, answer, { vendor, surface, failed: 1, bill: 'nothing' });
  expect(lane[vendor].requests).toHaveLength(1);
}

async function expectToldOfTheLimit(lane: FaultLane, pair: SurfaceAndVendor): Promise<Answer> {
  const answer = await lane.ask(pair.surface, modelOf(pair, 'alone'));
  expect(answer.durationMs).toBeLessThan(AT_ONCE_MS);
  const failure = { status: 429, code: 'upstream_rate_limited', retryAfter: { from: 1, to: 60 } };
  expectFailure(answer, failure, 2, pair.vendor);
  expect(lane[pair.vendor].requests).toHaveLength(2);
  return answer;
}

async function expectUntouchedBreaker(lane: FaultLane, { surface, vendor }: SurfaceAndVendor): Promise<void> {
  const target = await lane.target(vendor, surface.isEmbedding ? 'e' : 'm');
  expect(target).toMatchObject({ breaker: 'closed', cool_down: { reason: 'rate-limited' } });
}

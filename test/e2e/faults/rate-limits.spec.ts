import { describe, expect, it } from '@jest/globals';
import { CHAT_SURFACES, EMBEDDINGS, WHOLE } from './client.js';
import { expectFailure, expectSibling } from './expect-answer.js';
import { FaultBench, SIBLING, VENDORS } from './fault-bench.js';
import { useBench } from './fault-matrix.js';
import { expectBill, ledgerOf } from './ledger.js';

/** Longer than a request and its waits on a busy machine, and far shorter than any of the waits that must not happen. */
const AT_ONCE_MS = 1_000;
/** One short wait before trying again, and our own cool-down. */
const SHORT_MS = 2_500;

const REPLY = { text: 'After the wait.', usage: SIBLING.usage };
const SURFACES = [...CHAT_SURFACES, EMBEDDINGS].map((surface) => [surface.name, surface] as const);

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
  useBench(bench, { timers: { first_content_ms: 1_000 } });

  const limited = (vendor: (typeof VENDORS)[number], headers: Record<string, string> = {}) =>
    bench[vendor].failWith(429, null, headers);

  async function expectUntouchedBreaker(vendor: string, model: string): Promise<void> {
    const target = await bench.target(vendor, model);
    expect(target).toMatchObject({ breaker: 'closed', cool_down: { reason: 'rate-limited' } });
  }

  describe.each(VENDORS)('%s', (vendor) => {
    const surfaces = SURFACES.filter(([, surface]) => !surface.isEmbedding || vendor === 'openai');

    describe.each(surfaces)('%s', (_name, surface) => {
      const embed = surface.isEmbedding ? 'embed-' : '';
      const model = surface.isEmbedding ? 'e' : 'm';

      it('F06 a short wait is waited out, though there is a sibling', async () => {
        const sibling = bench.healthySibling(vendor, surface.isEmbedding);
        limited(vendor, { 'retry-after': '1' });
        bench[vendor].reply(REPLY);
        const answer = await surface.ask(bench.client, `${embed}${vendor}-first`);
        expect(answer.status).toBe(200);
        expect(answer.durationMs).toBeGreaterThanOrEqual(990);
        expect(answer.headers.get('x-trunkline-attempts')).toBe('2');
        expect(bench[vendor].requests).toHaveLength(2);
        expect(sibling.requests).toHaveLength(0);
        const row = await ledgerOf(bench, answer);
        expect(row.attempts).toMatchObject([
          { outcome: 'failed', error_kind: 'rate-limited' },
          { outcome: 'succeeded' },
        ]);
        for (const attempt of row.attempts.slice(0, 1)) expectBill(attempt, 'nothing');
      });

      it('F06 a longer one is not: the sibling answers at once', async () => {
        bench.healthySibling(vendor, surface.isEmbedding);
        limited(vendor, { 'retry-after': '5' }).forever();
        const answer = await surface.ask(bench.client, `${embed}${vendor}-first`);
        expect(answer.durationMs).toBeLessThan(AT_ONCE_MS);
        await expectSibling(bench, answer, { vendor, surface, failed: 1, bill: 'nothing' });
        expect(bench[vendor].requests).toHaveLength(1);
        await expectUntouchedBreaker(vendor, model);
      });

      it.each([0, 1, 2])('F07 an absurd wait (%i) is never waited out', async (which) => {
        const headers = tooLong()[which] ?? {};
        limited(vendor, headers).forever();
        const answer = await surface.ask(bench.client, `${embed}${vendor}-alone`);
        expect(answer.durationMs).toBeLessThan(AT_ONCE_MS);
        const failure = { status: 429, code: 'upstream_rate_limited', retryAfter: { from: 55, to: 60 } };
        expectFailure(answer, failure, 1, vendor);
        expect(bench[vendor].requests).toHaveLength(1);
        const row = await ledgerOf(bench, answer);
        expect(row).toMatchObject({ status: 'failed', error_code: 'upstream_rate_limited' });
        expectBill(row, 'nothing');
        await expectUntouchedBreaker(vendor, model);
      });

      it('F07 without a word about when: once more, then the client hears of it', async () => {
        limited(vendor).forever();
        const answer = await surface.ask(bench.client, `${embed}${vendor}-alone`);
        expect(answer.durationMs).toBeLessThan(SHORT_MS);
        const failure = { status: 429, code: 'upstream_rate_limited', retryAfter: { from: 1, to: 60 } };
        expectFailure(answer, failure, 2, vendor);
        expect(bench[vendor].requests).toHaveLength(2);
        expectBill(await ledgerOf(bench, answer), 'nothing');
        await expectUntouchedBreaker(vendor, model);
      });

      it('F07 without a word about when: the sibling answers at once', async () => {
        bench.healthySibling(vendor, surface.isEmbedding);
        limited(vendor).forever();
        const answer = await surface.ask(bench.client, `${embed}${vendor}-first`);
        expect(answer.durationMs).toBeLessThan(AT_ONCE_MS);
        await expectSibling(bench, answer, { vendor, surface, failed: 1, bill: 'nothing' });
        expect(bench[vendor].requests).toHaveLength(1);
      });
    });

    it.each(meaningless().map((headers) => [headers['retry-after'], headers]))(
      'F07 the wait "%s" means nothing',
      async (_text, headers) => {
        limited(vendor, headers as Record<string, string>).forever();
        const answer = await CHAT_SURFACES[0]?.ask(bench.client, `${vendor}-alone`);
        if (!answer) throw new Error('There is no surface.');
        expect(answer.durationMs).toBeLessThan(SHORT_MS);
        const failure = { status: 429, code: 'upstream_rate_limited', retryAfter: { from: 1, to: 60 } };
        expectFailure(answer, failure, 2, vendor);
      },
    );
  });

  it('F06 with nowhere to go, a wait of seconds is waited out', async () => {
    const [surface] = WHOLE;
    limited('openai', { 'retry-after': '3' });
    bench.openai.reply(REPLY);
    const answer = await surface?.ask(bench.client, 'openai-alone');
    expect(answer).toMatchObject({ status: 200, text: REPLY.text });
    expect(answer?.durationMs).toBeGreaterThanOrEqual(2_990);
    expect(bench.openai.requests).toHaveLength(2);
  });

  it('F06 with nowhere to go, waits end after 10 s in all', async () => {
    limited('openai', { 'retry-after': '6' }).forever();
    const [surface] = WHOLE;
    const answer = await surface?.ask(bench.client, 'openai-alone');
    if (!answer) throw new Error('There is no surface.');
    expect(answer.durationMs).toBeGreaterThanOrEqual(5_990);
    expect(answer.durationMs).toBeLessThan(10_000);
    const failure = { status: 429, code: 'upstream_rate_limited', retryAfter: { from: 1, to: 6 } };
    expectFailure(answer, failure, 2, 'openai');
    expect(bench.openai.requests).toHaveLength(2);
  });

  it('F06 a date is a wait like any other', async () => {
    bench.healthySibling('openai');
    limited('openai', { 'retry-after': new Date(Date.now() + 8_000).toUTCString() }).forever();
    const [surface] = WHOLE;
    const answer = await surface?.ask(bench.client, 'openai-first');
    expect(answer).toMatchObject({ status: 200, text: SIBLING.text });
    expect(answer?.durationMs).toBeLessThan(AT_ONCE_MS);
  });
});

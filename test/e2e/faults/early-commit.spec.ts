import { describe, expect, it } from '@jest/globals';
import { STREAMS } from './client.js';
import { FaultBench, SIBLING, VENDORS } from './fault-bench.js';
import { useBench } from './fault-matrix.js';
import { expectBill, ledgerOf } from './ledger.js';

const SURFACES = STREAMS.map((surface) => [surface.name, surface] as const);

/** A stream that is committed before any content: what may still happen, and what must not. */
describe('streams after their commit time', () => {
  const bench = new FaultBench();
  useBench(bench, { env: { STREAM_COMMIT_MS: '50' } });

  describe.each(VENDORS)('%s', (vendor) => {
    it.each(SURFACES)('F20 nothing of a slow answer is lost, %s', async (_name, surface) => {
      bench[vendor].slowFirst(150, { pieces: ['One', ' two', ' three'], usage: SIBLING.usage });
      const answer = await surface.ask(bench.client, `${vendor}-fragile`);
      expect(answer).toMatchObject({ status: 200, text: 'One two three', finishReason: 'stop', isWhole: true });
      expect(answer.wire.startsWith(': keep-alive\n\n')).toBe(true);
      expect(bench[vendor].requests).toHaveLength(1);
      const row = await ledgerOf(bench, answer);
      expect(row).toMatchObject({ status: 'succeeded', usage: { estimated: false }, cost_usd: SIBLING.costUsd });
      expect(await bench.target(`fragile-${vendor}`)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
    });

    it.each(SURFACES)('F21 the sibling still answers, %s', async (_name, surface) => {
      const sibling = bench.healthySibling(vendor);
      bench[vendor].slowFirst(60_000);
      const answer = await surface.ask(bench.client, `${vendor}-first`);
      expect(answer).toMatchObject({ status: 200, text: SIBLING.text, isWhole: true });
      expect(answer.wire.startsWith(': keep-alive\n\n')).toBe(true);
      expect([bench[vendor].requests.length, sibling.requests.length]).toEqual([1, 1]);
      const row = await ledgerOf(bench, answer);
      expect(row.attempts).toMatchObject([
        { outcome: 'failed', error_kind: 'timeout', cost_usd: 0 },
        { outcome: 'succeeded', cost_usd: SIBLING.costUsd },
      ]);
    });

    it.each(SURFACES)('F21 with nowhere to go the error is in band, %s', async (_name, surface) => {
      bench[vendor].slowFirst(60_000);
      await expectTimeoutInBand(surface, 'nothing');
    });

    it.each(SURFACES)('F05 with nowhere to go the error is in band, %s', async (_name, surface) => {
      bench[vendor].hang();
      await expectTimeoutInBand(surface, 'prompt');
    });

    async function expectTimeoutInBand(surface: (typeof STREAMS)[number], bill: 'nothing' | 'prompt'): Promise<void> {
      const answer = await surface.ask(bench.client, `${vendor}-alone`);
      expect(answer).toMatchObject({ status: 200, error: { code: 'upstream_timeout' }, text: '', isWhole: false });
      expect(answer.wire).not.toMatch(/\[DONE\]|"finish_reason":"|"start"/);
      expect(bench[vendor].requests).toHaveLength(1);
      await bench[vendor].waitForClose();
      const row = await ledgerOf(bench, answer);
      expect(row).toMatchObject({ status: 'failed', error_code: 'upstream_timeout' });
      expectBill(row, bill);
    }
  });
});

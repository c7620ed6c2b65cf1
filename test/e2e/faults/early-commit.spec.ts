import { describe, expect } from '@jest/globals';
import { NORMAL_END } from './broken-streams.js';
import { FaultBench, useBench } from './fault-bench.js';
import { type FaultLane, SIBLING, type VendorName } from './fault-lane.js';
import { expectBill, ledgerOf } from './ledger.js';
import { pairUp } from './pair-up.js';
import { STREAMS, type Surface } from './surfaces.js';
import { toldInBand } from './told-error.js';

/** A stream that is committed before any content: what may still happen, and what must not. */
describe('streams after their commit time', () => {
  const bench = new FaultBench();
  useBench(bench, { env: { STREAM_COMMIT_MS: '50' } });

  bench.each(pairUp(STREAMS, 0), 'F20 nothing of a slow answer is lost', async (lane, { vendor, surface }) => {
    lane[vendor].slowFirst(150, { pieces: ['One', ' two', ' three'], usage: SIBLING.usage });
    const answer = await lane.ask(surface, `${vendor}-fragile`);
    expect(answer).toMatchObject({ status: 200, text: 'One two three', finishReason: 'stop', isWhole: true });
    expect(answer.wire.startsWith(': keep-alive\n\n')).toBe(true);
    expect(lane[vendor].requests).toHaveLength(1);
    const row = await ledgerOf(lane, answer);
    expect(row).toMatchObject({ status: 'succeeded', usage: { estimated: false }, cost_usd: SIBLING.costUsd });
    expect(await lane.target(`fragile-${vendor}`)).toMatchObject({ breaker: 'closed', consecutive_failures: 0 });
  });

  bench.each(pairUp(STREAMS, 1), 'F21 the sibling still answers', async (lane, { vendor, surface }) => {
    const sibling = lane.healthySibling(vendor);
    lane[vendor].slowFirst(60_000);
    const answer = await lane.ask(surface, `${vendor}-first`);
    expect(answer).toMatchObject({ status: 200, text: SIBLING.text, isWhole: true });
    expect(answer.wire.startsWith(': keep-alive\n\n')).toBe(true);
    expect([lane[vendor].requests.length, sibling.requests.length]).toEqual([1, 1]);
    const row = await ledgerOf(lane, answer);
    expect(row.attempts).toMatchObject([
      { outcome: 'failed', error_kind: 'timeout', cost_usd: 0 },
      { outcome: 'succeeded', cost_usd: SIBLING.costUsd },
    ]);
  });

  bench.each(pairUp(STREAMS, 2), 'F21 with nowhere to go the error is in band', async (lane, { vendor, surface }) => {
    lane[vendor].slowFirst(60_000);
    await expectTimeoutInBand(lane, { vendor, surface, bill: 'nothing' });
  });

  bench.each(pairUp(STREAMS, 3), 'F05 with nowhere to go the error is in band', async (lane, { vendor, surface }) => {
    lane[vendor].hang();
    await expectTimeoutInBand(lane, { vendor, surface, bill: 'prompt' });
  });
});

async function expectTimeoutInBand(
  lane: FaultLane,
  { vendor, surface, bill }: { vendor: VendorName; surface: Surface; bill: 'nothing' | 'prompt' },
): Promise<void> {
  const answer = await lane.ask(surface, `${vendor}-alone`);
  expect(answer).toMatchObject({ status: 200, text: '', isWhole: false });
  expect(answer.error).toMatchObject(toldInBand(answer.dialect, 'upstream_timeout'));
  expect(answer.wire).not.toMatch(NORMAL_END);
  expect(answer.wire).not.toMatch(/"start"/);
  expect(lane[vendor].requests).toHaveLength(1);
  await lane[vendor].waitForClose();
  const row = await ledgerOf(lane, answer);
  expect(row).toMatchObject({ status: 'failed', error_code: 'upstream_timeout' });
  expectBill(row, bill);
}

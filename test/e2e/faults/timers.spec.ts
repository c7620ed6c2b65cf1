import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect } from '@jest/globals';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import { expectInBand } from './broken-streams.js';
import type { Answer } from './answer.js';
import { FaultBench, useBench } from './fault-bench.js';
import { type FaultLane, type VendorName, VENDORS } from './fault-lane.js';
import { expectBill, ledgerOf } from './ledger.js';
import { pairUp, type SurfaceAndVendor } from './pair-up.js';
import { STREAMS, type Surface, WHOLE } from './surfaces.js';
import { expectTold } from './told-error.js';

const IDLE_MS = 1_000;
const TOTAL_MS = 1_500;
const REPLY = { pieces: ['One', ' two', ' three'] };

const RESOLUTION_MS = 10;
const eventLoop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
eventLoop.enable();

/** The timers are real ones here: what is measured is when the provider sees its connection closed. */
describe('timers', () => {
  const bench = new FaultBench();
  useBench(bench, {
    timers: { first_content_ms: IDLE_MS, idle_ms: IDLE_MS },
    models: Object.fromEntries(
      VENDORS.map((vendor) => [
        `${vendor}-total`,
        { targets: [`${vendor}/m`], timeouts: { idle_ms: IDLE_MS, total_ms: TOTAL_MS } },
      ]),
    ),
  });

  const each = (
    pairs: readonly SurfaceAndVendor[],
    name: string,
    work: (lane: FaultLane, pair: SurfaceAndVendor) => Promise<void>,
  ): void => {
    bench.each(pairs, name, async (lane, pair) => {
      await warm(lane);
      lane.reset();
      await work(lane, pair);
    });
  };

  each(pairUp(STREAMS, 0), 'F22 a stall ends within a tenth of the idle time', async (lane, { vendor, surface }) => {
    lane[vendor].stallAfter(2, REPLY);
    const answer = await closedAfter(lane, { vendor, surface, role: 'alone', limitMs: IDLE_MS });
    expectInBand(answer);
  });

  each(
    pairUp(STREAMS, 1),
    'F23 bytes that complete no event do not count as life',
    async (lane, { vendor, surface }) => {
      lane[vendor].drip(2, { byteDelayMs: 50, reply: REPLY });
      const answer = await closedAfter(lane, { vendor, surface, role: 'alone', limitMs: IDLE_MS });
      expectInBand(answer);
    },
  );

  each(
    pairUp(STREAMS, 2),
    'F23 events that come for ever end with the total time',
    async (lane, { vendor, surface }) => {
      lane[vendor].reply({ pieces: ['One', ...Array<string>(100).fill(' more')], eventDelayMs: 100 });
      const answer = await closedAfter(lane, { vendor, surface, role: 'total', limitMs: TOTAL_MS });
      expectInBand(answer);
      const row = await ledgerOf(lane, answer);
      expect(row.attempts).toMatchObject([{ outcome: 'failed', error_kind: 'timeout' }]);
      expectBill(row, 'delivered');
    },
  );

  each(
    pairUp([...STREAMS, ...WHOLE], 3),
    'F05 silence ends within a tenth of the first content’s time',
    async (lane, { vendor, surface }) => {
      lane[vendor].hang();
      const answer = await closedAfter(lane, { vendor, surface, role: 'alone', limitMs: IDLE_MS });
      expectTold(answer, { status: 504, code: 'upstream_timeout' });
    },
  );
});

// The first bill that has to be counted loads the tables of the tokenizer, which nothing here is to wait for.
let isWarm: Promise<void> | null = null;

function warm(lane: FaultLane): Promise<void> {
  isWarm ??= (async () => {
    lane.openai.noUsage().forever();
    for (const surface of [...STREAMS, ...WHOLE]) await lane.ask(surface, 'openai-total');
  })();
  return isWarm;
}

/** Asks, and expects that the provider's connection was closed within a tenth of the limit. */
async function closedAfter(
  lane: FaultLane,
  asked: { vendor: VendorName; surface: Surface; role: string; limitMs: number },
): Promise<Answer> {
  const { vendor, surface, role, limitMs } = asked;
  const fake: ScriptedProvider = lane[vendor];
  const before = heldUpMs();
  const answer = await lane.ask(surface, `${vendor}-${role}`);
  const { closedAfterMs } = await fake.waitForClose();
  expect(closedAfterMs).toBeGreaterThanOrEqual(limitMs * 0.9);
  expect(closedAfterMs).toBeLessThanOrEqual(limitMs * 1.1 + heldUpMs() - before);
  return answer;
}

/** Whatever held the process up, in one piece or in many, held its timers and its sockets up, too: in all so far. */
function heldUpMs(): number {
  if (eventLoop.count === 0) return 0;
  return Math.max(0, eventLoop.mean / 1e6 - RESOLUTION_MS) * eventLoop.count;
}

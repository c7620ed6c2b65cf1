import { monitorEventLoopDelay } from 'node:perf_hooks';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { expectInBand } from './broken-streams.js';
import { STREAMS, WHOLE } from './client.js';
import { FaultBench, VENDORS } from './fault-bench.js';
import { useBench } from './fault-matrix.js';
import { expectBill, ledgerOf } from './ledger.js';

const IDLE_MS = 1_000;
const TOTAL_MS = 1_500;
const REPLY = { pieces: ['One', ' two', ' three'] };
const SURFACES = STREAMS.map((surface) => [surface.name, surface] as const);

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

  // The first bill that has to be counted loads the tables of the tokenizer, which nothing here is to wait for.
  beforeAll(async () => {
    bench.openai.noUsage();
    for (const surface of [...STREAMS, ...WHOLE]) await surface.ask(bench.client, 'openai-total');
  });

  beforeEach(() => {
    eventLoop.reset();
  });

  describe.each(VENDORS)('%s', (vendor) => {
    it.each(SURFACES)('F22 a stall ends within a tenth of the idle time, %s', async (_name, surface) => {
      bench[vendor].stallAfter(2, REPLY);
      const answer = await surface.ask(bench.client, `${vendor}-alone`);
      expectInBand(answer, surface);
      const { closedAfterMs } = await bench[vendor].waitForClose();
      expectWithinATenth(closedAfterMs, IDLE_MS);
    });

    it.each(SURFACES)('F23 bytes that complete no event do not count as life, %s', async (_name, surface) => {
      bench[vendor].drip(2, { byteDelayMs: 50, reply: REPLY });
      const answer = await surface.ask(bench.client, `${vendor}-alone`);
      expectInBand(answer, surface);
      const { closedAfterMs } = await bench[vendor].waitForClose();
      expectWithinATenth(closedAfterMs, IDLE_MS);
    });

    it.each(SURFACES)('F23 events that come for ever end with the total time, %s', async (_name, surface) => {
      bench[vendor].reply({ pieces: ['One', ...Array<string>(100).fill(' more')], eventDelayMs: 100 });
      const answer = await surface.ask(bench.client, `${vendor}-total`);
      expectInBand(answer, surface);
      const { closedAfterMs } = await bench[vendor].waitForClose();
      expectWithinATenth(closedAfterMs, TOTAL_MS);
      const row = await ledgerOf(bench, answer);
      expect(row.attempts).toMatchObject([{ outcome: 'failed', error_kind: 'timeout' }]);
      expectBill(row, 'delivered');
    });

    it.each([...STREAMS, ...WHOLE].map((surface) => [surface.name, surface] as const))(
      'F05 silence ends within a tenth of the first content’s time, %s',
      async (_name, surface) => {
        bench[vendor].hang();
        const answer = await surface.ask(bench.client, `${vendor}-alone`);
        expect(answer).toMatchObject({ status: 504, error: { code: 'upstream_timeout' } });
        const { closedAfterMs } = await bench[vendor].waitForClose();
        expectWithinATenth(closedAfterMs, IDLE_MS);
      },
    );
  });
});

/** Whatever held the process up, in one piece or in many, held its timers and its sockets up, too. */
function expectWithinATenth(closedAfterMs: number | null, limitMs: number): void {
  const heldUpMs = Math.max(0, eventLoop.mean / 1e6 - RESOLUTION_MS) * eventLoop.count;
  expect(closedAfterMs).toBeGreaterThanOrEqual(limitMs * 0.9);
  expect(closedAfterMs).toBeLessThanOrEqual(limitMs * 1.1 + heldUpMs);
}

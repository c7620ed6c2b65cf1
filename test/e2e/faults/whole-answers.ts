import { describe, expect } from '@jest/globals';
import type { ScriptedReply } from '../../fakes/scripted-reply.js';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import type { Answer } from './answer.js';
import { TEXT_SURFACES, type Surface } from './surfaces.js';
import { expectValid } from './expect-valid.js';
import type { FaultBench } from './fault-bench.js';
import type { FaultLane, VendorName } from './fault-lane.js';
import { ledgerOf, priceOf, type LedgerRow } from './ledger.js';
import { pairUp } from './pair-up.js';

/** What the provider says and reports, where a row does not say otherwise: letters of one, two, three and four bytes. */
export const WHOLE_REPLY: ScriptedReply = {
  pieces: ['Grüße', ' aus', ' 東京', ' 🚲', '!'],
  usage: { input: 20, output: 6 },
};
export const WHOLE_TEXT = 'Grüße aus 東京 🚲!';

/** One row of the fault table whose fault the client must not notice. */
export interface HarmlessFault {
  id: string;
  name: string;
  script(fake: ScriptedProvider, vendor: VendorName): unknown;
  /** What is billed: what the provider reported, or what we counted. */
  bill: 'reported' | 'estimated';
  surfaces?: readonly Surface[];
  vendors?: readonly VendorName[];
  /** Anything more that must hold. */
  check?(lane: FaultLane, answer: Answer, row: LedgerRow): Promise<void> | void;
}

/** Tests every row: the same text as without the fault, one request upstream, a breaker that saw nothing, one right bill. */
export function describeHarmlessFaults(bench: FaultBench, faults: readonly HarmlessFault[]): void {
  const rows = faults.map((fault, turn) => [`${fault.id} ${fault.name}`, fault, turn] as const);
  describe.each(rows)('%s', (_name, fault, turn) => {
    const surfaces = fault.surfaces ?? TEXT_SURFACES;
    bench.each(pairUp(surfaces, turn, fault.vendors), 'is an answer', async (lane, { vendor, surface }) => {
      fault.script(lane[vendor], vendor);
      // The first failure that counts would open the breaker of this one.
      const answer = await lane.ask(surface, `${vendor}-fragile`);
      expectWhole(answer);
      expect(lane[vendor].requests).toHaveLength(1);
      const row = await ledgerOf(lane, answer);
      expectRow(row, fault.bill);
      const target = await lane.target(`fragile-${vendor}`);
      expect(target).toMatchObject({ breaker: 'closed', consecutive_failures: 0, cool_down: null });
      await fault.check?.(lane, answer, row);
    });
  });
}

function expectWhole(answer: Answer): void {
  expect({ status: answer.status, error: answer.error, thrown: answer.thrown }).toEqual({
    status: 200,
    error: null,
    thrown: null,
  });
  expect(answer.text).toBe(WHOLE_TEXT);
  expect(answer.finishReason).toBe('stop');
  expect(answer.isWhole).toBe(true);
  expect(answer.headers.get('x-trunkline-attempts')).toBe('1');
  expectValid(answer);
}

function expectRow(row: LedgerRow, bill: HarmlessFault['bill']): void {
  expect(row).toMatchObject({ status: 'succeeded', error_code: null, attempts: [{ outcome: 'succeeded' }] });
  expect(row.attempts).toHaveLength(1);
  expect(row.usage.estimated).toBe(bill === 'estimated');
  if (bill === 'reported') expect(row.usage).toMatchObject({ input_tokens: 20, output_tokens: 6 });
  expect(row.usage.input_tokens).toBeGreaterThan(0);
  expect(row.usage.input_tokens).toBeLessThan(100);
  expect(row.usage.output_tokens).toBeGreaterThan(0);
  expect(row.usage.output_tokens).toBeLessThan(100);
  expect(row.cost_usd).toBeCloseTo(priceOf(row.usage), 9);
}

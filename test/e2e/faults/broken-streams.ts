import { describe, expect } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import type { Answer } from './answer.js';
import { expectValid } from './expect-valid.js';
import type { FaultBench } from './fault-bench.js';
import { type FaultLane, type VendorName, VENDORS } from './fault-lane.js';
import { expectBill, ledgerOf } from './ledger.js';
import { pairUp } from './pair-up.js';
import { STREAMS, type Surface } from './surfaces.js';
import { toldInBand } from './told-error.js';

/** One row of the fault table for a stream that had delivered `One` before it failed. */
export interface BrokenStream {
  id: string;
  name: string;
  script(fake: ScriptedProvider): unknown;
  /** The kind of error in the ledger's attempt. */
  kind: string;
  /** True where the provider does not end the connection itself, so that we have to. */
  isClosedByUs?: boolean;
  breaker?: 'counts' | 'spared';
  vendors?: readonly VendorName[];
}

/** What stands in a stream that ended well, in any dialect. */
export const NORMAL_END =
  /\[DONE\]|"finish_reason": ?"|"stop_reason": ?"|message_stop|response\.(?:completed|incomplete)/;

/** Tests every row on every streaming surface: the failure is in band, and nobody else is asked for the rest. */
export function describeBrokenStreams(bench: FaultBench, faults: readonly BrokenStream[]): void {
  const rows = faults.map((fault, turn) => [`${fault.id} ${fault.name}`, fault, turn] as const);
  describe.each(rows)('%s', (_name, fault, turn) => {
    const vendors = fault.vendors ?? VENDORS;
    describe.each([
      ['alone', turn],
      ['first', turn + 1],
    ])('%s', (role, shift) => {
      bench.each(pairUp(STREAMS, shift, vendors), 'in band', (lane, { vendor, surface }) =>
        testBroken(lane, fault, { model: `${vendor}-${role}`, vendor, surface }),
      );
    });

    bench.each(
      pairUp(STREAMS.slice(0, 1), 0, vendors),
      'is counted by the breaker as it should be',
      async (lane, pair) => {
        const { vendor, surface } = pair;
        fault.script(lane[vendor]);
        await lane.ask(surface, `${vendor}-fragile`);
        const { breaker } = await lane.target(`fragile-${vendor}`);
        expect(breaker).toBe(fault.breaker === 'spared' ? 'closed' : 'open');
      },
    );
  });
}

async function testBroken(
  lane: FaultLane,
  fault: BrokenStream,
  { model, vendor, surface }: { model: string; vendor: VendorName; surface: Surface },
): Promise<void> {
  const sibling = lane.healthySibling(vendor);
  fault.script(lane[vendor]);
  const answer = await lane.ask(surface, model);
  expectInBand(answer);
  expect(lane[vendor].requests).toHaveLength(1);
  expect(sibling.requests).toHaveLength(0);
  if (fault.isClosedByUs) await lane[vendor].waitForClose();
  await expectRow(lane, answer, fault);
}

/** The failure stands in the stream behind what was delivered, and nothing pretends that the answer was whole. */
export function expectInBand(answer: Answer, code = 'upstream_stream_interrupted'): void {
  expect(answer.status).toBe(200);
  expect(answer.error).toMatchObject(toldInBand(answer.dialect, code));
  expect(answer.text).toMatch(/^One/);
  expect(answer.wire).not.toMatch(NORMAL_END);
  expect(answer.finishReason).toBeNull();
  expect(answer.headers.get('x-trunkline-attempts')).toBe('1');
  expectThrown(answer, code);
  expectValid(answer);
}

// A failed response is an event like others to its client.
function expectThrown({ dialect, thrown }: Answer, code: string): void {
  if (dialect === 'native' || dialect === 'openai-responses') {
    expect(thrown).toBeNull();
  } else if (dialect === 'anthropic-messages') {
    expect(thrown).toBeInstanceOf(Anthropic.APIError);
  } else {
    expect(thrown).toBeInstanceOf(OpenAI.APIError);
    expect(thrown).toMatchObject({ code });
  }
}

async function expectRow(lane: FaultLane, answer: Answer, fault: BrokenStream): Promise<void> {
  const row = await ledgerOf(lane, answer);
  expect(row).toMatchObject({
    status: 'failed',
    error_code: 'upstream_stream_interrupted',
    attempts: [{ outcome: 'failed', error_kind: fault.kind }],
  });
  expect(row.attempts).toHaveLength(1);
  for (const attempt of row.attempts) expectBill(attempt, 'delivered');
  expectBill(row, 'delivered');
}

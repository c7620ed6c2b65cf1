import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import { STREAMS, type Answer, type Surface } from './client.js';
import { VENDORS, type FaultBench, type VendorName } from './fault-bench.js';
import { expectBill, ledgerOf } from './ledger.js';

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

/** Tests every row on every streaming surface: the failure is in band, and nobody else is asked for the rest. */
export function describeBrokenStreams(bench: FaultBench, faults: readonly BrokenStream[]): void {
  describe.each(faults.map((fault) => [`${fault.id} ${fault.name}`, fault] as const))('%s', (_name, fault) => {
    describe.each(fault.vendors ?? VENDORS)('%s', (vendor) => {
      const cases = STREAMS.flatMap((surface) =>
        (['alone', 'first'] as const).map((role) => [`${role}, ${surface.name}`, surface, role] as const),
      );

      it.each(cases)('%s', async (_case, surface, role) => {
        const sibling = bench.healthySibling(vendor);
        fault.script(bench[vendor]);
        const answer = await surface.ask(bench.client, `${vendor}-${role}`);
        expectInBand(answer, surface);
        expect(bench[vendor].requests).toHaveLength(1);
        expect(sibling.requests).toHaveLength(0);
        if (fault.isClosedByUs) await bench[vendor].waitForClose();
        await expectRow(bench, answer, fault);
      });

      it('is counted by the breaker as it should be', async () => {
        fault.script(bench[vendor]);
        await STREAMS[0]?.ask(bench.client, `${vendor}-fragile`);
        const { breaker } = await bench.target(`fragile-${vendor}`);
        expect(breaker).toBe(fault.breaker === 'spared' ? 'closed' : 'open');
      });
    });
  });
}

/** The failure stands in the stream behind what was delivered, and nothing pretends that the answer was whole. */
export function expectInBand(answer: Answer, surface: Surface, code = 'upstream_stream_interrupted'): void {
  expect(answer.status).toBe(200);
  expect(answer.error).toMatchObject({ type: 'upstream_error', code, param: null });
  expect(answer.text).toMatch(/^One/);
  expect(answer.wire).not.toContain('[DONE]');
  expect(answer.wire).not.toMatch(/"finish_reason": ?"/);
  expect(answer.finishReason).toBeNull();
  expect(answer.headers.get('x-trunkline-attempts')).toBe('1');
  if (surface.name.startsWith('/')) return;
  expect(answer.thrown).toBeInstanceOf(OpenAI.APIError);
  expect(answer.thrown).toMatchObject({ code });
}

async function expectRow(bench: FaultBench, answer: Answer, fault: BrokenStream): Promise<void> {
  const row = await ledgerOf(bench, answer);
  expect(row).toMatchObject({
    status: 'failed',
    error_code: 'upstream_stream_interrupted',
    attempts: [{ outcome: 'failed', error_kind: fault.kind }],
  });
  expect(row.attempts).toHaveLength(1);
  for (const attempt of row.attempts) expectBill(attempt, 'delivered');
  expectBill(row, 'delivered');
}

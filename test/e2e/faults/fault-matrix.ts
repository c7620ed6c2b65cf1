import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import { CHAT_SURFACES, EMBEDDINGS, type Surface } from './client.js';
import { expectFailure, expectSibling, type Failure } from './expect-answer.js';
import type { BenchOptions, FaultBench, VendorName } from './fault-bench.js';
import { VENDORS } from './fault-bench.js';
import { expectBill, ledgerOf, type Bill } from './ledger.js';

/** One row of the fault table as data: how the provider fails, and everything that must follow. */
export interface Fault {
  id: string;
  name: string;
  /** Makes the fake fail at every request from now on; what it returns undoes it. */
  script?(fake: ScriptedProvider, surface: Surface): unknown;
  failure: Failure;
  /** The kind of error in the ledger's attempts. */
  kind: string;
  /** Requests that the faulty provider gets: when it is alone, and with a healthy sibling (null: the sibling is not asked). */
  calls: { alone: number; withSibling: number | null };
  /** Whether the breaker counts it; a reason, where the credential is taken out of use. */
  breaker: 'counts' | 'spared';
  coolDown?: string;
  bill?: Bill;
  /** False where nothing arrives at the fake. */
  arrives?: boolean;
  /** The bad provider to be asked in place of the vendor's own: `<provider>-<vendor>` of the bench's options. */
  provider?: string;
  vendors?: readonly VendorName[];
  /** Where it can happen; every surface by default. */
  surfaces?: readonly Surface[];
}

const EVERYWHERE = [...CHAT_SURFACES, EMBEDDINGS];

/** Tests every row on every surface with providers of every protocol, alone and with a healthy sibling. */
export function describeFaults(bench: FaultBench, faults: readonly Fault[]): void {
  describe.each(faults.map((fault) => [`${fault.id} ${fault.name}`, fault] as const))('%s', (_name, fault) => {
    describe.each(fault.vendors ?? VENDORS)('%s', (vendor) => {
      const surfaces = (fault.surfaces ?? EVERYWHERE).filter((one) => !one.isEmbedding || vendor === 'openai');
      const cases = surfaces.map((surface) => [surface.name, surface] as const);

      it.each(cases)('alone, %s', (_surface, surface) => testAlone(bench, fault, { vendor, surface }));
      it.each(cases)('with a sibling, %s', (_surface, surface) => testWithSibling(bench, fault, { vendor, surface }));
      it('is counted by the breaker as it should be', () => testBreaker(bench, fault, vendor));
    });
  });
}

/** Starts the bench for a suite and gives every test a clean one. */
export function useBench(bench: FaultBench, options: BenchOptions | (() => BenchOptions) = {}): void {
  beforeAll(() => bench.start(typeof options === 'function' ? options() : options));
  beforeEach(() => {
    bench.reset();
  });
  afterAll(() => bench.stop());
}

interface Case {
  vendor: VendorName;
  surface: Surface;
}

async function testAlone(bench: FaultBench, fault: Fault, { vendor, surface }: Case): Promise<void> {
  await withFault(bench, fault, { vendor, surface }, async (fake) => {
    const answer = await surface.ask(bench.client, modelName(nameOf(fault, vendor), surface, 'alone'));
    expectFailure(answer, fault.failure, fault.calls.alone, vendor);
    if (fault.arrives !== false) expect(fake.requests).toHaveLength(fault.calls.alone);
    await expectFailedRow(bench, fault, answer);
    const target = await bench.target(nameOf(fault, vendor), surface.isEmbedding ? 'e' : 'm');
    expect(target.breaker).toBe('closed');
    expect(target.cool_down?.reason ?? null).toBe(fault.coolDown ?? null);
  });
}

async function expectFailedRow(bench: FaultBench, fault: Fault, answer: Parameters<typeof ledgerOf>[1]): Promise<void> {
  const row = await ledgerOf(bench, answer);
  expect(row).toMatchObject({ status: 'failed', error_code: fault.failure.code });
  const failed = { outcome: 'failed', error_kind: fault.kind };
  expect(row.attempts).toMatchObject(Array(fault.calls.alone).fill(failed));
  for (const attempt of row.attempts) expectBill(attempt, fault.bill ?? 'nothing');
  if ((fault.bill ?? 'nothing') === 'nothing') expectBill(row, 'nothing');
}

async function testWithSibling(bench: FaultBench, fault: Fault, { vendor, surface }: Case): Promise<void> {
  const failed = fault.calls.withSibling;
  await withFault(bench, fault, { vendor, surface }, async (fake) => {
    const sibling = bench.healthySibling(vendor, surface.isEmbedding);
    const answer = await surface.ask(bench.client, modelName(nameOf(fault, vendor), surface, 'first'));
    if (failed === null) {
      expectFailure(answer, fault.failure, fault.calls.alone, vendor);
      expect(sibling.requests).toHaveLength(0);
    } else {
      await expectSibling(bench, answer, { vendor, surface, failed, bill: fault.bill ?? 'nothing' });
    }
    if (fault.arrives !== false) expect(fake.requests).toHaveLength(failed ?? fault.calls.alone);
  });
}

async function testBreaker(bench: FaultBench, fault: Fault, vendor: VendorName): Promise<void> {
  const surface = (fault.surfaces ?? CHAT_SURFACES)[0];
  if (!surface) throw new Error('The fault happens nowhere.');
  await withFault(bench, fault, { vendor, surface }, async () => {
    await surface.ask(bench.client, modelName(nameOf(fault, vendor), surface, 'fragile'));
    const { breaker, last_error: lastError } = await bench.target(
      `fragile-${nameOf(fault, vendor)}`,
      surface.isEmbedding ? 'e' : 'm',
    );
    expect(breaker).toBe(fault.breaker === 'counts' ? 'open' : 'closed');
    if (fault.breaker === 'counts') expect(lastError).toMatchObject({ kind: fault.kind });
  });
}

function nameOf(fault: Fault, vendor: VendorName): string {
  return fault.provider === undefined ? vendor : `${fault.provider}-${vendor}`;
}

function modelName(provider: string, surface: Surface, role: 'alone' | 'first' | 'fragile'): string {
  return `${surface.isEmbedding ? 'embed-' : ''}${provider}-${role}`;
}

async function withFault(
  bench: FaultBench,
  fault: Fault,
  { vendor, surface }: Case,
  work: (fake: ScriptedProvider) => Promise<void>,
): Promise<void> {
  const fake = bench[vendor];
  const undo = await fault.script?.(fake, surface);
  try {
    await work(fake);
  } finally {
    if (typeof undo === 'function') await (undo as () => Promise<void>)();
  }
}

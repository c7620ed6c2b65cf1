import { describe, expect } from '@jest/globals';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import type { Answer } from './answer.js';
import { TEXT_SURFACES, EMBEDDINGS, type Surface } from './surfaces.js';
import { expectFailure, expectSibling, type Failure } from './expect-answer.js';
import type { FaultBench } from './fault-bench.js';
import type { FaultLane, VendorName } from './fault-lane.js';
import { expectBill, ledgerOf, type Bill } from './ledger.js';
import { pairUp, type SurfaceAndVendor } from './pair-up.js';

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

const EVERYWHERE = [...TEXT_SURFACES, EMBEDDINGS];

/** Tests every row on every surface and with providers of every protocol, alone and with a healthy sibling. */
export function describeFaults(bench: FaultBench, faults: readonly Fault[]): void {
  const rows = faults.map((fault, turn) => [`${fault.id} ${fault.name}`, fault, turn] as const);
  describe.each(rows)('%s', (_name, fault, turn) => {
    const surfaces = fault.surfaces ?? EVERYWHERE;
    bench.each(pairUp(surfaces, turn, fault.vendors), 'alone', (lane, pair) => testAlone(lane, fault, pair));
    bench.each(pairUp(surfaces, turn + 1, fault.vendors), 'with a sibling', (lane, pair) =>
      testWithSibling(lane, fault, pair),
    );
    const first = pairUp(surfaces.slice(0, 1), 0, fault.vendors);
    bench.each(first, 'is counted by the breaker as it should be', (lane, pair) => testBreaker(lane, fault, pair));
  });
}

async function testAlone(lane: FaultLane, fault: Fault, { vendor, surface }: SurfaceAndVendor): Promise<void> {
  await withFault(lane, fault, { vendor, surface }, async (fake) => {
    const answer = await lane.ask(surface, modelName(nameOf(fault, vendor), surface, 'alone'));
    expectFailure(answer, fault.failure, fault.calls.alone, vendor);
    if (fault.arrives !== false) expect(fake.requests).toHaveLength(fault.calls.alone);
    await expectFailedRow(lane, fault, answer);
    const target = await lane.target(nameOf(fault, vendor), surface.isEmbedding ? 'e' : 'm');
    expect(target.breaker).toBe('closed');
    expect(target.cool_down?.reason ?? null).toBe(fault.coolDown ?? null);
  });
}

async function expectFailedRow(lane: FaultLane, fault: Fault, answer: Answer): Promise<void> {
  const row = await ledgerOf(lane, answer);
  expect(row).toMatchObject({ status: 'failed', error_code: fault.failure.code });
  const failed = { outcome: 'failed', error_kind: fault.kind };
  expect(row.attempts).toMatchObject(Array(fault.calls.alone).fill(failed));
  for (const attempt of row.attempts) expectBill(attempt, fault.bill ?? 'nothing');
  if ((fault.bill ?? 'nothing') === 'nothing') expectBill(row, 'nothing');
}

async function testWithSibling(lane: FaultLane, fault: Fault, { vendor, surface }: SurfaceAndVendor): Promise<void> {
  const failed = fault.calls.withSibling;
  await withFault(lane, fault, { vendor, surface }, async (fake) => {
    const sibling = lane.healthySibling(vendor, surface.isEmbedding);
    const answer = await lane.ask(surface, modelName(nameOf(fault, vendor), surface, 'first'));
    if (failed === null) {
      expectFailure(answer, fault.failure, fault.calls.alone, vendor);
      expect(sibling.requests).toHaveLength(0);
    } else {
      await expectSibling(lane, answer, { vendor, surface, failed, bill: fault.bill ?? 'nothing' });
    }
    if (fault.arrives !== false) expect(fake.requests).toHaveLength(failed ?? fault.calls.alone);
  });
}

async function testBreaker(lane: FaultLane, fault: Fault, { vendor, surface }: SurfaceAndVendor): Promise<void> {
  await withFault(lane, fault, { vendor, surface }, async () => {
    await lane.ask(surface, modelName(nameOf(fault, vendor), surface, 'fragile'));
    const { breaker, last_error: lastError } = await lane.target(
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
  lane: FaultLane,
  fault: Fault,
  { vendor, surface }: SurfaceAndVendor,
  work: (fake: ScriptedProvider) => Promise<void>,
): Promise<void> {
  const fake = lane[vendor];
  const undo = await fault.script?.(fake, surface);
  try {
    await work(fake);
  } finally {
    if (typeof undo === 'function') await (undo as () => Promise<void>)();
  }
}

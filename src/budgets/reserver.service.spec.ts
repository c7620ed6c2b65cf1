import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../test/support/fake-clock.js';
import { CENT, FakeExchangeStore, WINDOW_START } from '../../test/support/fake-exchange-store.js';
import { AppError } from '../core/errors/app-error.js';
import type { BudgetTerms } from '../core/principal.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { Reserver } from './reserver.service.js';

const terms: BudgetTerms[] = [
  { id: 'bud_1', owner: 'key', window: 'day', amountUsd: '1.0000000000', timeZone: 'UTC', model: null },
];
const away = new AppError('dependency_unavailable', 'away');
const deadlock = Object.assign(new Error('deadlock'), { code: '40P01' });
const broken = Object.assign(new Error('broken'), { code: '22003' });

let store: FakeExchangeStore;
let clock: FakeClock;
let reserver: Reserver;

beforeEach(() => {
  Logger.overrideLogger(false);
  store = new FakeExchangeStore();
  clock = new FakeClock();
  reserver = new Reserver(store, clock, new Telemetry());
});

/** Asks until there is a lease: the second time within a moment. */
async function lease(): Promise<void> {
  for (let count = 0; count < 2; count += 1) await reserver.reserve(terms, '0.01');
}

describe('Reserver', () => {
  it('asks for all that come at once in one statement, and for those that come meanwhile in the next', async () => {
    const first = Promise.all(Array.from({ length: 30 }, async () => reserver.reserve(terms, '0.01')));
    await Promise.resolve().then(() => Promise.resolve());
    const second = Promise.all(Array.from({ length: 20 }, async () => reserver.reserve(terms, '0.01')));
    await Promise.all([first, second]);
    expect(store.exchanges.map(({ asks }) => asks.length)).toEqual([30, 20]);
    expect(store.exchanges.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it('wants no lease for a single request, and serves from one at once', async () => {
    await reserver.reserve(terms, '0.01');
    expect(store.exchanges[0]?.accounts).toEqual([{ budgetId: 'bud_1', periodStart: null, lease: 0n }]);
    await clock.advance(2_600);
    await reserver.reserve(terms, '0.01');
    expect(store.exchanges[1]?.accounts[0]?.lease).toBe(0n);
    await reserver.reserve(terms, '0.01');
    expect(store.exchanges[2]?.accounts[0]?.lease).toBe(8n * CENT);
    const reservation = reserver.reserve(terms, '0.02');
    expect(reservation).not.toBeInstanceOf(Promise);
    expect((await reservation).holds).toEqual([
      { budgetId: 'bud_1', periodStart: WINDOW_START, reservedUsd: '0.0200000000' },
    ]);
    expect(store.exchanges).toHaveLength(3);
    expect(store.reserved).toBe(11n * CENT);
  });

  it('gives an unused lease back when it ends', async () => {
    await lease();
    expect(store.reserved).toBe(10n * CENT);
    await clock.advance(999);
    expect(store.reserved).toBe(10n * CENT);
    await clock.advance(1);
    expect(store.reserved).toBe(2n * CENT);
    expect(clock.pendingTimers).toBe(0);
  });

  it('O21 uses no lease beyond the end of its window', async () => {
    store.endsInMs = 300;
    await lease();
    await clock.advance(299);
    expect(reserver.reserve(terms, '0.01')).not.toBeInstanceOf(Promise);
    await clock.advance(1);
    expect(store.reserved).toBe(3n * CENT);
    expect(reserver.reserve(terms, '0.01')).toBeInstanceOf(Promise);
  });

  it('lets no lease go on while the machine sleeps', async () => {
    await lease();
    const wall = clock.now.bind(clock);
    clock.now = () => wall() + 3_600_000;
    expect(reserver.reserve(terms, '0.01')).toBeInstanceOf(Promise);
  });

  it('waits for the leases of others, but not for ever', async () => {
    store.reserved = store.cap;
    store.othersLeaseMs = 900;
    const waiting = Promise.resolve(reserver.reserve(terms, '0.01'));
    await clock.advance(500);
    store.reserved -= CENT;
    await clock.advance(100);
    await expect(waiting).resolves.toBeDefined();
    const lost = Promise.resolve(reserver.reserve(terms, '0.01'));
    const refused = expect(lost).rejects.toMatchObject({ code: 'insufficient_quota' });
    await clock.advance(1_500);
    await refused;
  });

  it('refuses at once when nobody has a lease', async () => {
    store.cap = 0n;
    await expect(reserver.reserve(terms, '0.01')).rejects.toMatchObject({
      code: 'insufficient_quota',
      shouldRetry: false,
    });
    expect(store.exchanges).toHaveLength(1);
  });

  it('O05 runs a statement again that lost a conflict', async () => {
    store.failures = [{ error: deadlock }, { error: deadlock }];
    await expect(reserver.reserve(terms, '0.01')).resolves.toBeDefined();
    expect(store.exchanges.map(({ sequence }) => sequence)).toEqual([1, 1, 1]);
  });

  it('fails with a statement that cannot succeed, keeps what it was to give back, and goes on', async () => {
    await lease();
    await clock.advance(0);
    store.failures = [{ error: broken }];
    await expect(reserver.reserve(terms, '0.09')).rejects.toBe(broken);
    await clock.advance(1_000);
    expect(store.reserved).toBe(2n * CENT);
    await expect(reserver.reserve(terms, '0.01')).resolves.toBeDefined();
  });

  it.each([
    ['took no effect', false],
    ['took effect though its answer was lost', true],
  ])('O01 finds out what became of a statement that %s, and reserves for nobody', async (_, after) => {
    await lease();
    store.failures = [{ error: away, after }, { error: away }];
    await expect(reserver.reserve(terms, '0.09')).rejects.toBe(away);
    // Not before it is known what became of the last one.
    await expect(reserver.reserve(terms, '0.09')).rejects.toBe(away);
    await clock.advance(10_000);
    expect(store.reserved).toBe(2n * CENT);
    expect(clock.pendingTimers).toBe(0);
    await expect(reserver.reserve(terms, '0.01')).resolves.toBeDefined();
    expect(store.reserved).toBe(3n * CENT);
  });

  it('O01 tells those who wait that the database is away when its connection hangs, and loses nothing', async () => {
    store.isHanging = true;
    const asked = Promise.all(
      [1, 2].map(() =>
        expect(reserver.reserve(terms, '0.09')).rejects.toMatchObject({ code: 'dependency_unavailable' }),
      ),
    );
    await clock.advance(10_000);
    await asked;
    expect(store.reserved).toBe(18n * CENT);
    store.isHanging = false;
    await clock.advance(20_000);
    expect(store.reserved).toBe(0n);
    await expect(reserver.reserve(terms, '0.01')).resolves.toBeDefined();
    await reserver.beforeApplicationShutdown();
    expect(store.reserved).toBe(CENT);
  });

  it('starts anew when it was taken for dead', async () => {
    await lease();
    store.isLost = true;
    await expect(reserver.reserve(terms, '0.50')).resolves.toBeDefined();
    expect(store.exchanges).toHaveLength(4);
    await reserver.beforeApplicationShutdown();
    expect(store.reserved).toBe(50n * CENT);
  });

  it('gives back what an extension brings after the release', async () => {
    const reservation = await reserver.reserve(terms, '0.50');
    const extending = reservation.extend('0.30');
    reservation.release();
    await extending;
    await reserver.beforeApplicationShutdown();
    expect(store.reserved).toBe(0n);
  });

  it('gives everything back before the process ends, and takes no lease any more', async () => {
    await lease();
    await reserver.beforeApplicationShutdown();
    expect(store.reserved).toBe(2n * CENT);
    const late = await reserver.reserve(terms, '0.01');
    expect(store.reserved).toBe(3n * CENT);
    late.release();
    await reserver.onApplicationShutdown();
    expect(store.reserved).toBe(2n * CENT);
    expect(store.hasLeft).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});

import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../test/support/fake-clock.js';
import { CENT, FakeExchangeStore } from '../../test/support/fake-exchange-store.js';
import { AppError } from '../core/errors/app-error.js';
import type { BudgetTerms } from '../core/principal.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { Reserver } from './reserver.service.js';

const terms: BudgetTerms[] = [
  { id: 'bud_1', owner: 'key', window: 'day', amountUsd: '1.0000000000', timeZone: 'UTC', model: null },
];
const cheap = '0.0001';

let store: FakeExchangeStore;
let clock: FakeClock;
let telemetry: Telemetry;
let reserver: Reserver;

beforeEach(() => {
  Logger.overrideLogger(false);
  store = new FakeExchangeStore();
  clock = new FakeClock();
  telemetry = new Telemetry();
  reserver = new Reserver(store, clock, telemetry);
});

describe('Reserver.reserveFromPlenty', () => {
  it('finds out how the budget stands, reserves, and then does so from a lease', async () => {
    expect((await reserver.reserveFromPlenty(terms, cheap))?.holds).toMatchObject([{ reservedUsd: '0.0001000000' }]);
    expect(store.exchanges.map(({ asks }) => asks.map(({ usd }) => usd))).toEqual([[0n], [CENT / 100n]]);
    expect(store.reserved).toBe(CENT / 100n + (store.exchanges[1]?.accounts[0]?.lease ?? 0n));
    expect(reserver.reserveFromPlenty(terms, cheap)).not.toBeInstanceOf(Promise);
  });

  it('is not for requests of which a thousand would not fit', async () => {
    expect(await reserver.reserveFromPlenty(terms, '0.0011')).toBeNull();
    expect(reserver.reserveFromPlenty(terms, '0.0011')).toBeNull();
    expect(store.reserved).toBe(0n);
  });

  it('looks again after a while', async () => {
    await reserver.reserveFromPlenty(terms, cheap);
    await clock.advance(10_001);
    store.reserved = store.cap;
    expect(await reserver.reserveFromPlenty(terms, cheap)).toBeNull();
  });

  it('neither counts nor waits for a refusal where others were faster', async () => {
    const refused = jest.spyOn(telemetry, 'budgetRefused');
    await reserver.reserveFromPlenty(terms, cheap);
    await clock.advance(2_000);
    store.reserved = store.cap;
    store.othersLeaseMs = 500;
    expect(await reserver.reserveFromPlenty(terms, cheap)).toBeNull();
    expect(refused).not.toHaveBeenCalled();
  });

  it('is told when the database is away', async () => {
    const away = new AppError('dependency_unavailable', 'away');
    store.failures = [{ error: away }];
    await expect(reserver.reserveFromPlenty(terms, cheap)).rejects.toBe(away);
  });
});

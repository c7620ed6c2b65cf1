import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FakeClock } from '../../test/support/fake-clock.js';
import { type BudgetThreshold, type DomainEvent, DomainEvents } from '../core/domain-events.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { BudgetUpkeepStore, type WindowKey } from './budget-upkeep.store.js';
import { BudgetWatch } from './budget-watch.service.js';

const START = '2026-01-01T00:00:00.000Z';
const threshold: BudgetThreshold = {
  budgetId: 'bud_1',
  projectId: 'proj_1',
  keyId: null,
  window: 'day',
  periodStart: START,
  percent: 80,
  amountUsd: '1.0000000000',
  spentUsd: '0.8000000000',
};

class FakeStore extends BudgetUpkeepStore {
  readonly looks: (readonly WindowKey[] | null)[] = [];
  found: BudgetThreshold[] = [];
  failure: Error | null = null;
  cleanups = 0;

  constructor() {
    super({} as DataSource);
  }

  override async takeThresholds(touched: readonly WindowKey[] | null): Promise<BudgetThreshold[]> {
    this.looks.push(touched);
    if (this.failure) throw this.failure;
    return this.found.splice(0);
  }

  override async deleteOld(): Promise<void> {
    this.cleanups += 1;
  }
}

class Recorder extends Telemetry {
  readonly seen: object[] = [];

  override budgetThresholdReached(budget: object): void {
    this.seen.push(budget);
  }

  override budgetOverrun(overage: object): void {
    this.seen.push(overage);
  }
}

const charge = (
  budgetId: string,
  reservedUsd: string,
  spentUsd: string,
): Parameters<BudgetWatch['settled']>[0][number] => ({
  budgetId,
  periodStart: START,
  reservedUsd,
  spentUsd,
});

let store: FakeStore;
let telemetry: Recorder;
let clock: FakeClock;
let watch: BudgetWatch;
let events: DomainEvent[];

beforeEach(() => {
  Logger.overrideLogger(false);
  store = new FakeStore();
  telemetry = new Recorder();
  clock = new FakeClock();
  events = [];
  const domain = new DomainEvents();
  domain.subscribe((event) => events.push(event));
  watch = new BudgetWatch(store, domain, telemetry, clock);
});

describe('BudgetWatch', () => {
  it('looks once at the windows that were charged, and once more in case the ledger was held up', async () => {
    watch.settled([charge('bud_1', '1', '1'), charge('bud_2', '1', '1')]);
    watch.settled([charge('bud_1', '1', '1')]);
    store.found = [threshold];
    await clock.advance(500);
    const touched = ['bud_1', 'bud_2'].map((budgetId) => ({ budgetId, periodStart: START }));
    expect(store.looks).toEqual([touched]);
    expect(events).toEqual([{ type: 'budget.threshold_reached', ...threshold }]);
    expect(telemetry.seen).toEqual([{ owner: 'project', window: 'day', percent: 80 }]);
    await clock.advance(5_000);
    expect(store.looks).toEqual([touched, touched]);
    expect(clock.pendingTimers).toBe(0);
    expect(events).toHaveLength(1);
  });

  it('counts what a request cost beyond its reservation once, however many budgets it has', () => {
    watch.settled([charge('bud_1', '1', '0.5')]);
    expect(telemetry.seen).toEqual([]);
    watch.settled([charge('bud_1', '1', '1.25'), charge('bud_2', '1', '1.75')]);
    expect(telemetry.seen).toEqual([{ usd: 0.75 }]);
  });

  it('looks at all windows and clears up now and then, whatever goes wrong', async () => {
    watch.onApplicationBootstrap();
    store.failure = new Error('away');
    await clock.advance(600_000);
    expect(store.looks).toEqual([null]);
    expect(store.cleanups).toBe(1);
    await clock.advance(600_000);
    expect(store.cleanups).toBe(2);
    watch.settled([charge('bud_1', '1', '1')]);
    store.failure = null;
    await watch.beforeApplicationShutdown();
    expect(store.looks.at(-1)).toEqual([{ budgetId: 'bud_1', periodStart: START }]);
    expect(clock.pendingTimers).toBe(0);
  });
});

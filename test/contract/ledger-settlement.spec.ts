import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { checkLedger } from '../../src/usage/ledger/check-ledger.js';
import { toFinalEntry, toOpeningEntry } from '../../src/usage/ledger/ledger-entry.js';
import type { BudgetCharge, LedgerOpening, LedgerRecord } from '../../src/usage/ledger/ledger-record.js';
import type { LedgerStore } from '../../src/usage/ledger/ledger-store.js';
import { toAbandonedEntry } from '../../src/usage/ledger/to-abandoned.js';
import { LedgerDatabase } from '../support/ledger-database.js';
import { ledgerOpening, ledgerRecord } from '../support/ledger-parts.js';

const PERIOD = '2026-01-01T00:00:00.000Z';

let ledger: LedgerDatabase;
let dataSource: DataSource;
let store: LedgerStore;

describe('ledger settlement', () => {
  beforeAll(async () => {
    ledger = await LedgerDatabase.open();
    ({ dataSource, store } = ledger);
  });

  afterAll(async () => {
    await ledger.close();
  });

  // Whatever a test did, the books add up afterwards.
  afterEach(async () => {
    expect(await checkLedger((sql) => dataSource.query(sql), { atRest: true })).toEqual([]);
  });

  /** A budget of which the process holds so much. */
  async function budget(heldUsd: string, instance = 'inst_1'): Promise<string> {
    const id = `bud_${randomUUID()}`;
    await dataSource.query(
      `insert into budget (id, project_id, budget_window, amount_usd, time_zone, model)
     values ($1, 'proj_default', 'month', 100, 'UTC', $1)`,
      [id],
    );
    await dataSource.query('insert into budget_period (budget_id, period_start, reserved_usd) values ($1, $2, $3)', [
      id,
      PERIOD,
      heldUsd,
    ]);
    await dataSource.query(
      'insert into budget_hold (instance_id, budget_id, period_start, held_usd) values ($1, $2, $3, $4)',
      [instance, id, PERIOD, heldUsd],
    );
    return id;
  }

  async function periodOf(id: string): Promise<{ spent: number; reserved: number; overage: number }> {
    const [row]: { spent: number; reserved: number; overage: number }[] = await dataSource.query(
      `select spent_usd::float as spent, reserved_usd::float as reserved, overage_usd::float as overage
     from budget_period where budget_id = $1`,
      [id],
    );
    if (!row) throw new Error('The budget has no window.');
    return row;
  }

  async function statusOf(id: string): Promise<string | null> {
    const [row]: { status: string }[] = await dataSource.query('select status from usage_request where id = $1', [id]);
    return row?.status ?? null;
  }

  const opening = (id: string, holds: LedgerOpening['holds'] = []): LedgerOpening => ledgerOpening(id, { holds });
  const record = (id: string, costUsd: string, charges: BudgetCharge[] = []): LedgerRecord =>
    ledgerRecord(id, { costUsd, charges });
  const settle = (records: LedgerRecord[], instance = 'inst_1'): Promise<void> =>
    store.settle(
      records.map((each) => toFinalEntry(each, instance)),
      instance,
    );
  const open = (openings: LedgerOpening[], instance = 'inst_1'): Promise<void> =>
    store.open(openings.map((each) => toOpeningEntry(each, instance)));
  const abandon = async (instance: string): Promise<void> => {
    const left = await store.readOpen(instance, 100);
    await store.settle(
      left.map((entry) => toAbandonedEntry(entry, () => '0.0001')),
      instance,
    );
  };

  describe('settling', () => {
    it('returns the reservation, spends the cost and counts what is above as overage, once', async () => {
      const id = await budget('0.5');
      const first = record(randomUUID(), '0.1', [
        { ...{ budgetId: id, periodStart: PERIOD }, reservedUsd: '0.2', spentUsd: '0.1' },
      ]);
      const second = record(randomUUID(), '0.4', [
        { ...{ budgetId: id, periodStart: PERIOD }, reservedUsd: '0.3', spentUsd: '0.4' },
      ]);
      await settle([first]);
      expect(await periodOf(id)).toEqual({ spent: 0.1, reserved: 0.3, overage: 0 });
      await settle([first, second]);
      await settle([second]);
      expect(await periodOf(id)).toEqual({ spent: 0.5, reserved: 0, overage: 0.1 });
    });

    it('settles each of many in one batch, over two budgets', async () => {
      const ids = [await budget('2'), await budget('2')];
      const charges = ids.map((budgetId) => ({
        budgetId,
        periodStart: PERIOD,
        reservedUsd: '0.02',
        spentUsd: '0.0000000001',
      }));
      await settle(Array.from({ length: 100 }, () => record(randomUUID(), '0.0000000001', charges)));
      for (const id of ids) expect(await periodOf(id)).toEqual({ spent: 1e-8, reserved: 0, overage: 0 });
    });

    it('ends a request that had a row while it was under way', async () => {
      const id = randomUUID();
      const budgetId = await budget('0.2');
      const hold = { budgetId, periodStart: PERIOD, reservedUsd: '0.1' };
      await open([opening(id, [hold])]);
      expect(await store.find('proj_default', `req_${id}`)).toBeNull();
      // More was admitted in the same call.
      await open([opening(id, [{ ...hold, reservedUsd: '0.2' }])]);
      expect(await statusOf(id)).toBe('open');
      await settle([record(id, '0.05', [{ ...hold, reservedUsd: '0.2', spentUsd: '0.05' }])]);
      expect(await store.find('proj_default', `req_${id}`)).toMatchObject({
        request: { status: 'succeeded', usage: { input: 42 } },
        attempts: [{ n: 1 }, { n: 2 }],
      });
      expect(await periodOf(budgetId)).toEqual({ spent: 0.05, reserved: 0, overage: 0 });
      // Written late: it is over.
      await open([opening(id, [hold])]);
      expect(await statusOf(id)).toBe('succeeded');
    });

    it('abandons at the reservation under a budget, at the prompt without', async () => {
      const [with_, without] = [randomUUID(), randomUUID()];
      const budgetId = await budget('0.3', 'inst_dead');
      await open(
        [opening(with_, [{ budgetId, periodStart: PERIOD, reservedUsd: '0.1' }]), opening(without)],
        'inst_dead',
      );
      await Promise.all([abandon('inst_dead'), abandon('inst_dead')]);
      await Promise.all([store.forget('inst_dead'), store.forget('inst_dead')]);
      expect(await periodOf(budgetId)).toEqual({ spent: 0.1, reserved: 0, overage: 0 });
      expect(await store.find('proj_default', `req_${with_}`)).toMatchObject({
        request: { status: 'abandoned', costUsd: '0.1000000000', usage: { input: 40, estimated: true } },
        attempts: [{ n: 1, outcome: 'abandoned', costUsd: '0.1000000000' }],
      });
      expect(await store.find('proj_default', `req_${without}`)).toMatchObject({
        request: { status: 'abandoned', costUsd: '0.0001000000' },
      });
    });

    it('puts the true end in the place of an abandoned one, and what it cost with it', async () => {
      const id = randomUUID();
      const budgetId = await budget('0.3', 'inst_dead');
      const hold = { budgetId, periodStart: PERIOD, reservedUsd: '0.1' };
      await open([opening(id, [hold])], 'inst_dead');
      await abandon('inst_dead');
      await store.forget('inst_dead');
      const end = record(id, '0.25', [{ ...hold, spentUsd: '0.25' }]);
      await Promise.all([settle([end], 'inst_dead'), settle([end], 'inst_dead')]);
      expect(await periodOf(budgetId)).toEqual({ spent: 0.25, reserved: 0, overage: 0.15 });
      expect(await store.find('proj_default', `req_${id}`)).toMatchObject({
        request: { status: 'succeeded', costUsd: '0.2500000000' },
        attempts: [{ n: 1, outcome: 'failed' }, { n: 2 }],
      });
      // Nothing changes what is true.
      await settle([{ ...end, costUsd: '9', status: 'aborted' }], 'inst_dead');
      await store.settle([toAbandonedEntry(toOpeningEntry(opening(id, [hold]), 'inst_dead'), () => null)], 'inst_dead');
      expect(await statusOf(id)).toBe('succeeded');
      expect(await periodOf(budgetId)).toMatchObject({ spent: 0.25 });
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { BudgetTermsStore } from '../../src/budgets/budget-terms.store.js';
import { BudgetUpkeepStore } from '../../src/budgets/budget-upkeep.store.js';
import type { BudgetReservation } from '../../src/budgets/budget-reservation.js';
import type { BudgetTerms } from '../../src/core/principal.js';
import { BudgetBench, type BudgetProcess, stop } from '../support/budget-bench.js';

Logger.overrideLogger(false);

let bench: BudgetBench;

describe('budgets', () => {
  beforeAll(async () => {
    bench = await BudgetBench.open();
  });

  afterAll(async () => {
    await bench.close();
  });

  const spent = { code: 'insufficient_quota', shouldRetry: false };

  /** The reservations that `count` concurrent requests get; every refusal has to be one for want of money. */
  async function reserveMany(
    processes: readonly BudgetProcess[],
    terms: readonly BudgetTerms[],
    count: number,
    usd: string,
  ): Promise<BudgetReservation[]> {
    const asked = Array.from({ length: count }, async (_, index) =>
      processes[index % processes.length]?.reserver.reserve(terms, usd),
    );
    const settled = await Promise.allSettled(asked);
    for (const result of settled) if (result.status === 'rejected') expect(result.reason).toMatchObject(spent);
    return settled.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
  }

  async function refusal(process: BudgetProcess, terms: readonly BudgetTerms[], usd: string): Promise<Error> {
    try {
      await process.reserver.reserve(terms, usd);
    } catch (error) {
      expect(error).toMatchObject(spent);
      return error as Error;
    }
    throw new Error('It was let in.');
  }

  function idOf([first]: readonly BudgetTerms[]): string {
    return first?.id ?? '';
  }

  describe('reserving', () => {
    it('admits exactly ten of 200 concurrent requests where ten fit, and leaves nothing reserved', async () => {
      const process = bench.process();
      const { terms } = await bench.key([{ window: 'day', amountUsd: '0.03' }]);
      const reservations = await reserveMany([process], terms, 200, '0.0030000000');
      expect(reservations).toHaveLength(10);
      expect(await bench.periods(idOf(terms))).toMatchObject([{ reserved: '0.0300000000', spent: '0.0000000000' }]);
      for (const { holds } of reservations) await bench.settle(process.instanceId, holds);
      expect(await bench.periods(idOf(terms))).toMatchObject([{ reserved: '0.0000000000', spent: '0.0300000000' }]);
      await refusal(process, terms, '0.0000000001');
      await stop(process);
      expect(await bench.held(idOf(terms))).toEqual({});
    });

    it('O22 admits exactly ten by two processes, in twenty rounds', async () => {
      const processes = [bench.process(), bench.process()];
      for (let round = 0; round < 20; round += 1) {
        const { terms } = await bench.key([{ window: 'month', amountUsd: '1' }]);
        expect(await reserveMany(processes, terms, 200, '0.1')).toHaveLength(10);
      }
      await Promise.all(processes.map(stop));
    });

    it('reserves in all of the budgets or in none', async () => {
      const process = bench.process();
      const { terms } = await bench.key([
        { window: 'day', amountUsd: 5 },
        { window: 'month', amountUsd: 3 },
      ]);
      const [day = '', month = ''] = terms.map(({ id }) => id);
      expect(await reserveMany([process], terms, 10, '1')).toHaveLength(3);
      expect((await refusal(process, terms, '1')).message).toContain('for the month');
      expect(await bench.periods(day)).toMatchObject([{ reserved: '3.0000000000' }]);
      expect(await bench.periods(month)).toMatchObject([{ reserved: '3.0000000000' }]);
      // A smaller one still fits where a larger one does not.
      const { terms: small } = await bench.key([{ window: 'total', amountUsd: '1' }]);
      const results = await Promise.allSettled(
        ['0.8', '0.3', '0.2'].map(async (usd) => process.reserver.reserve(small, usd)),
      );
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      await stop(process);
    });

    it('gives back what was released, and what is extended stays in the window where it began', async () => {
      const process = bench.process();
      const { terms } = await bench.key([{ window: 'day', amountUsd: 1 }]);
      const id = idOf(terms);
      const yesterday = '2020-02-02T00:00:00.000Z';
      const reservation = await process.reserver.reserve(terms, '0.4');
      await reservation.extend('0.4');
      expect(reservation.holds).toMatchObject([{ budgetId: id, reservedUsd: '0.8000000000' }]);
      await expect(reservation.extend('0.3')).rejects.toMatchObject(spent);
      reservation.release();
      reservation.release();
      expect(await process.reserver.reserve(terms, '0.9')).toBeDefined();
      const late = await process.reserver.extend(
        terms,
        [{ budgetId: id, periodStart: yesterday, usd: 1n }],
        5_000_000_000n,
      );
      expect(late.portions).toEqual([{ budgetId: id, periodStart: yesterday, usd: 5_000_000_000n }]);
      expect(await bench.periods(id)).toMatchObject([
        { start: '2020-02-02 00:00', reserved: '0.5000000000' },
        { reserved: '0.9000000000' },
      ]);
      process.reserver.putBack(late.portions);
      await stop(process);
      expect(await bench.periods(id)).toMatchObject([{ reserved: '0.0000000000' }, { reserved: '0.9000000000' }]);
    });

    it('lets a free request in whatever is spent, and nothing else once the budget is overdrawn', async () => {
      const process = bench.process();
      const { terms } = await bench.key([{ window: 'day', amountUsd: 1 }]);
      const { holds } = await process.reserver.reserve(terms, '0.5');
      await bench.settle(process.instanceId, holds, '1.25');
      expect(await bench.periods(idOf(terms))).toMatchObject([
        { spent: '1.2500000000', reserved: '0.0000000000', overage: '0.7500000000' },
      ]);
      await refusal(process, terms, '0.0000000001');
      const free = await process.reserver.reserve(terms, '0.0000000000');
      expect(free).toMatchObject({ remainingUsd: '0.0000000000', percentSpent: 100 });
      await stop(process);
    });

    it('says which budget refuses and when it begins anew', async () => {
      const process = bench.process();
      const { keyId, terms } = await bench.key([{ window: 'day', amountUsd: '0.5', model: 'openai/*' }]);
      await reserveMany([process], terms, 1, '0.4');
      const { message } = await refusal(process, terms, '0.2');
      const tomorrow = new Date();
      tomorrow.setUTCHours(24, 0, 0, 0);
      expect(message).toContain('The budget of this key for the day and the model "openai/*"');
      expect(message).toContain('up to 0.20 USD: of 0.50 USD 0.00 are spent, 0.40 are reserved');
      expect(message).toContain(`It begins anew at ${tomorrow.toISOString()}.`);
      const total = await bench.define({ kind: 'key', id: keyId }, [{ window: 'total', amountUsd: 0 }]);
      expect((await refusal(process, total, '1')).message).toContain('It does not begin anew.');
      await stop(process);
    });

    it('takes a changed amount at once, keeps what was spent, and lets pass what is not limited any more', async () => {
      const process = bench.process();
      const { keyId, terms } = await bench.key([{ window: 'month', amountUsd: 1, timeZone: 'europe/berlin' }]);
      const owner = { kind: 'key', id: keyId } as const;
      await bench.settle(process.instanceId, (await process.reserver.reserve(terms, '1')).holds);
      await refusal(process, terms, '0.5');
      const raised = await bench.define(owner, [{ window: 'month', amountUsd: '1.5', timeZone: 'Europe/Berlin' }]);
      expect(raised).toEqual([{ ...terms[0], amountUsd: '1.5000000000' }]);
      const reservation = await process.reserver.reserve(terms, '0.5');
      await bench.define(owner, []);
      const free = await process.reserver.reserve(terms, '100');
      expect(free).toMatchObject({ holds: [], remainingUsd: null });
      await free.extend('100');
      free.release();
      await bench.settle(process.instanceId, reservation.holds);
      // Put back, it goes on from where it was.
      expect(await bench.define(owner, [{ window: 'month', amountUsd: 2, timeZone: 'Europe/Berlin' }])).toMatchObject([
        { id: terms[0]?.id, amountUsd: '2.0000000000' },
      ]);
      await refusal(process, terms, '0.6');
      expect(await bench.periods(idOf(terms))).toMatchObject([{ spent: '1.5000000000', reserved: '0.0000000000' }]);
      await stop(process);
    });

    it('shows how budgets stand', async () => {
      const process = bench.process();
      const { keyId, terms } = await bench.key([
        { window: 'day', amountUsd: 1 },
        { window: 'total', amountUsd: 2 },
      ]);
      const store = new BudgetTermsStore(bench.dataSource);
      const standings = async (): Promise<unknown[]> =>
        (await store.standings([{ kind: 'key', id: keyId }])).get(keyId) ?? [];
      const tomorrow = new Date();
      tomorrow.setUTCHours(24, 0, 0, 0);
      expect(await standings()).toMatchObject([
        { ...terms[0], spentUsd: '0.0000000000', reservedUsd: '0.0000000000', remainingUsd: '1.0000000000' },
        { ...terms[1], remainingUsd: '2.0000000000', resetsAt: null },
      ]);
      await bench.settle(process.instanceId, (await process.reserver.reserve(terms, '0.5')).holds, '0.25');
      await process.reserver.reserve(terms, '0.6');
      expect((await standings())[0]).toMatchObject({
        spentUsd: '0.2500000000',
        reservedUsd: '0.6000000000',
        remainingUsd: '0.1500000000',
        resetsAt: tomorrow,
      });
      expect((await store.standings([])).size).toBe(0);
      await stop(process);
    });

    it('refuses what cannot be kept', async () => {
      const store = new BudgetTermsStore(bench.dataSource);
      const check = (wanted: object): unknown => store.check([{ window: 'day', amountUsd: 1, ...wanted }]);
      await expect(check({ timeZone: 'Mars/Olympus' })).rejects.toMatchObject({ param: 'budgets[0].time_zone' });
      await expect(check({ timeZone: 'Africa/Cairo' })).resolves.toMatchObject([{ timeZone: 'Africa/Cairo' }]);
    });
  });

  describe('thresholds', () => {
    it('are taken once by one of several processes, the highest of those that were passed', async () => {
      const process = bench.process();
      const { keyId, terms } = await bench.key([{ window: 'day', amountUsd: 10 }]);
      const stores = Array.from({ length: 4 }, () => new BudgetUpkeepStore(bench.dataSource));
      const taken: number[][] = [];
      for (const usd of ['4.9999999999', '0.0000000001', '4.5', '0.4', '0.1']) {
        const { holds } = await process.reserver.reserve(terms, usd);
        await bench.settle(process.instanceId, holds);
        const found = (await Promise.all(stores.map((store) => store.takeThresholds(holds)))).flat();
        expect(found.every(({ budgetId, projectId }) => budgetId === idOf(terms) && projectId === 'proj_default')).toBe(
          true,
        );
        taken.push(found.map(({ percent }) => percent));
      }
      expect(taken).toEqual([[], [50], [95], [], [100]]);
      const takeMine = async (): Promise<number[]> => {
        const all = (await stores[0]?.takeThresholds(null)) ?? [];
        return all.filter(({ budgetId }) => budgetId === idOf(terms)).map(({ percent }) => percent);
      };
      // A half of the raised amount is spent, which is no news; of a lowered one more is.
      await bench.define({ kind: 'key', id: keyId }, [{ window: 'day', amountUsd: 20 }]);
      expect(await takeMine()).toEqual([]);
      await bench.define({ kind: 'key', id: keyId }, [{ window: 'day', amountUsd: 12 }]);
      expect(await takeMine()).toEqual([80]);
      await stop(process);
    });
  });

  describe('upkeep', () => {
    it('deletes windows of which the ledger has nothing any more, and no others', async () => {
      const { terms } = await bench.key([
        { window: 'day', amountUsd: 1 },
        { window: 'total', amountUsd: 1 },
      ]);
      const [day = '', total = ''] = terms.map(({ id }) => id);
      await bench.dataSource.query(
        `insert into budget_period (budget_id, period_start, reserved_usd) values
         ($1, '2020-01-01T00:00Z', 0), ($1, '2020-01-02T00:00Z', 0.5), ($1, now() - interval '40 days', 0),
         ($2, timestamptz 'epoch', 0)`,
        [day, total],
      );
      await bench.dataSource.query(
        `insert into usage_charge_archive (budget_id, period_start, spent_usd) values ($1, '2020-01-01T00:00Z', 0)`,
        [day],
      );
      const upkeep = new BudgetUpkeepStore(bench.dataSource);
      await upkeep.deleteOld();
      expect(await bench.periods(day)).toHaveLength(3);
      await bench.dataSource.query(`insert into usage_retention (deleted_before) values (now() - interval '30 days')`);
      await upkeep.deleteOld();
      expect((await bench.periods(day)).map(({ reserved }) => reserved)).toEqual(['0.5000000000', '0.0000000000']);
      expect(await bench.periods(total)).toHaveLength(1);
      const [left] = await bench.dataSource.query<{ count: number }[]>(
        'select count(*)::int as count from usage_charge_archive where budget_id = $1',
        [day],
      );
      expect(left).toEqual({ count: 0 });
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { BudgetReservation } from '../../src/budgets/budget-reservation.js';
import { AppError } from '../../src/core/errors/app-error.js';
import { toScaled } from '../../src/core/money.js';
import type { BudgetTerms } from '../../src/core/principal.js';
import { BudgetBench, type BudgetProcess, stop } from '../support/budget-bench.js';
import { seededRandom } from '../support/soak-seed.js';

Logger.overrideLogger(false);

let bench: BudgetBench;

describe('budget leases', () => {
  beforeAll(async () => {
    bench = await BudgetBench.open();
  });

  afterAll(async () => {
    await bench.close();
  });

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + 15_000;
    while (!(await isSo())) {
      if (performance.now() > giveUpAt) throw new Error('It did not come to pass.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Reservations of `usd` until one comes from a lease: at once, without the database. */
  async function untilLeased(
    process: BudgetProcess,
    terms: readonly BudgetTerms[],
    usd: string,
  ): Promise<BudgetReservation[]> {
    const reservations: BudgetReservation[] = [];
    for (let tries = 0; tries < 20; tries += 1) {
      const made = process.reserver.reserve(terms, usd);
      reservations.push(await made);
      if (!(made instanceof Promise)) return reservations;
    }
    throw new Error('There is no lease.');
  }

  describe('leases', () => {
    it('serve who asks often from memory, and go back when they end', async () => {
      const process = bench.process();
      const { terms } = await bench.key([{ window: 'day', amountUsd: 100 }]);
      const id = terms[0]?.id ?? '';
      const reservations = await untilLeased(process, terms, '0.1');
      expect(reservations[0]?.remainingUsd).toBe('99.9000000000');
      expect(reservations.at(-1)?.remainingUsd).toBe(String(100 - reservations.length / 10) + '000000000');
      const held = (0.1 * reservations.length).toFixed(10);
      // More is reserved than was asked for, until the lease ends.
      await until(async () => (await bench.periods(id))[0]?.reserved === held);
      for (const reservation of reservations) reservation.release();
      await until(async () => (await bench.periods(id))[0]?.reserved === '0.0000000000');
      await stop(process);
    });

    it('are not given where less than twenty times the request is left', async () => {
      const process = bench.process();
      const { terms } = await bench.key([{ window: 'day', amountUsd: 20 }]);
      for (let count = 1; count <= 20; count += 1) {
        const made = process.reserver.reserve(terms, '1');
        expect(made).toBeInstanceOf(Promise);
        await made;
        expect(await bench.held(terms[0]?.id ?? '')).toEqual({ [process.instanceId]: `${String(count)}.0000000000` });
      }
      await stop(process);
    });

    it('of others are waited for before anything is refused', async () => {
      const [one, other] = [bench.process(), bench.process()];
      const { terms } = await bench.key([{ window: 'day', amountUsd: 100 }]);
      const reservations = await untilLeased(one, terms, '1');
      const rest = String(100 - reservations.length);
      await expect(other.reserver.reserve(terms, rest)).resolves.toBeDefined();
      await expect(other.reserver.reserve(terms, '0.0000000001')).rejects.toMatchObject({ code: 'insufficient_quota' });
      await Promise.all([stop(one), stop(other)]);
    });

    it('of a process that was taken for dead are worth nothing, and it goes on without them', async () => {
      const process = bench.process();
      const { terms } = await bench.key([{ window: 'day', amountUsd: 100 }]);
      const id = terms[0]?.id ?? '';
      const reservations = await untilLeased(process, terms, '1');
      await bench.dataSource.query('select return_budget_holds($1)', [process.instanceId]);
      expect(await bench.held(id)).toEqual({});
      expect(await bench.periods(id)).toMatchObject([{ reserved: '0.0000000000' }]);
      // What it settles or gives back of what it held is not subtracted a second time.
      const [first, late, latest, ...others] = reservations;
      await bench.settle(process.instanceId, first?.holds ?? []);
      for (const reservation of others) reservation.release();
      const fresh = await process.reserver.reserve(terms, '50');
      expect(Number((await bench.held(id))[process.instanceId])).toBeGreaterThanOrEqual(50);
      await bench.settle(process.instanceId, fresh.holds);
      await bench.settle(process.instanceId, latest?.holds ?? []);
      late?.release();
      (await process.reserver.reserve(terms, '20')).release();
      await stop(process);
      expect(await bench.periods(id)).toMatchObject([{ spent: '52.0000000000', reserved: '0.0000000000' }]);
      expect(await bench.held(id)).toEqual({});
    });

    it('are not taken anew while somebody waits for them', async () => {
      const [one, other] = [bench.process(), bench.process()];
      const { terms } = await bench.key([{ window: 'day', amountUsd: 100 }]);
      for (const reservation of await untilLeased(one, terms, '0.1')) reservation.release();
      const waiter = { isServed: false };
      const busy = (async () => {
        while (!waiter.isServed) {
          (await one.reserver.reserve(terms, '0.1')).release();
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const waiting = Promise.resolve(other.reserver.reserve(terms, '99.5')).finally(() => {
        waiter.isServed = true;
      });
      await expect(waiting).resolves.toMatchObject({ percentSpent: 0 });
      await busy.catch(() => undefined);
      await Promise.all([stop(one), stop(other)]);
    });
  });

  /** A data source that fails now and then, before the statement is sent or after it took effect. */
  function unreliable(dataSource: DataSource, random: () => number, isOn: () => boolean): DataSource {
    const away = (): AppError => new AppError('dependency_unavailable', 'away');
    return {
      query: async (sql: string, parameters: unknown[]) => {
        const luck = isOn() ? random() : 1;
        if (luck < 0.05) throw away();
        const rows: unknown = await dataSource.query(sql, parameters);
        if (luck < 0.15) throw away();
        return rows;
      },
    } as DataSource;
  }

  interface Account {
    readonly cap: bigint;
    taken: bigint;
    spent: bigint;
  }

  /** What clients see of budgets: nothing may be taken beyond them at any moment. */
  class Books {
    readonly #accounts = new Map<string, Account>();
    admitted = 0;
    refused = 0;

    constructor(terms: readonly BudgetTerms[]) {
      for (const { id, amountUsd } of terms) this.#accounts.set(id, { cap: scaled(amountUsd), taken: 0n, spent: 0n });
    }

    take(terms: readonly BudgetTerms[], usd: bigint): void {
      this.admitted += 1;
      for (const { id } of terms) {
        const account = this.#of(id);
        account.taken += usd;
        expect(account.taken <= account.cap).toBe(true);
      }
    }

    leave(terms: readonly BudgetTerms[], reserved: bigint, spent: bigint): void {
      for (const { id } of terms) {
        const account = this.#of(id);
        account.taken -= reserved - spent;
        account.spent += spent;
      }
    }

    spentOf(id: string): bigint {
      return this.#of(id).spent;
    }

    #of(id: string): Account {
      const account = this.#accounts.get(id);
      if (!account) throw new Error('No such budget.');
      return account;
    }
  }

  function scaled(usd: string): bigint {
    return toScaled(usd, 10);
  }

  describe.each([
    ['a reliable database', false],
    ['a database whose answers get lost', true],
  ])('two processes in any order over %s', (_, isUnreliable) => {
    it.each([1, 2])('never admit more than the caps and leave nothing reserved (seed %d)', async (seed) => {
      const random = seededRandom(seed);
      let isOn = isUnreliable;
      const dataSource = unreliable(bench.dataSource, random, () => isOn);
      const processes = [bench.process({ dataSource }), bench.process({ dataSource })];
      const project = await bench.project([{ window: 'month', amountUsd: 25 + seed }]);
      const keys = await Promise.all([
        bench.key([{ window: 'day', amountUsd: 16 }]),
        bench.key([
          { window: 'day', amountUsd: 12 },
          { window: 'total', amountUsd: 14, model: 'openai/*' },
        ]),
      ]);
      const books = new Books([...project, ...keys.flatMap(({ terms }) => terms)]);
      const step = async (): Promise<void> => {
        const process = processes[random() < 0.5 ? 0 : 1];
        const key = keys[random() < 0.5 ? 0 : 1];
        if (!process) return;
        const terms = [...key.terms, ...project];
        let usd = BigInt(Math.floor(random() * (random() < 0.2 ? 2e10 : 2e9)));
        const reservation = await process.reserver.reserve(terms, render(usd));
        books.take(terms, usd);
        if (random() < 0.3) {
          const more = BigInt(Math.floor(random() * 1e9));
          if (await extend(reservation, render(more))) {
            books.take(terms, more);
            usd += more;
          }
        }
        if (random() < 0.4) {
          books.leave(terms, usd, 0n);
          reservation.release();
          return;
        }
        const spent = (usd * BigInt(Math.floor(random() * 101))) / 100n;
        books.leave(terms, usd, spent);
        await bench.settle(process.instanceId, reservation.holds, render(spent));
      };
      const actor = async (): Promise<void> => {
        for (let count = 0; count < 30; count += 1) {
          await step().catch((error: unknown) => {
            if (!(error instanceof AppError)) throw error;
            books.refused += 1;
          });
        }
      };
      await Promise.all(Array.from({ length: 12 }, actor));
      expect(books.admitted).toBeGreaterThan(100);
      expect(books.refused).toBeGreaterThan(0);
      isOn = false;
      await Promise.all(processes.map(stop));
      for (const { id } of [...project, ...keys.flatMap(({ terms }) => terms)]) {
        const periods = await bench.periods(id);
        expect(periods.map(({ reserved }) => reserved)).toEqual(['0.0000000000']);
        expect(scaled(periods[0]?.spent ?? '0')).toBe(books.spentOf(id));
        expect(await bench.held(id)).toEqual({});
      }
    });
  });

  async function extend(reservation: BudgetReservation, usd: string): Promise<boolean> {
    try {
      await reservation.extend(usd);
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  }

  function render(usd: bigint): string {
    const text = usd.toString().padStart(11, '0');
    return `${text.slice(0, -10)}.${text.slice(-10)}`;
  }
});

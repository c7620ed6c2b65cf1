import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { MONEY_DIGITS, toScaled } from '../core/money.js';
import type { BudgetTerms } from '../core/principal.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { BudgetExchangeStore, type ExchangeAnswer, LEASE_MS } from './budget-exchange.store.js';
import { BudgetReservation, type ReservationSource } from './budget-reservation.js';
import { DemandMemory } from './demand-memory.js';
import { type Ask, type Batch, takingOf, toBatch } from './exchange-batch.js';
import { ExchangeLink } from './exchange-link.js';
import { KnownStandings } from './known-standings.js';
import { LeaseClock } from './lease-clock.js';
import { LeasePools, type Portion, type Taking } from './lease-pools.js';
import { refuseReservation } from './refuse-reservation.js';

const MOST_ASKS = 500;
/** Leases of others are looked at again this often: they may come back before they end. */
const WAIT_MS = 100;
/** A lease, and a moment to give it back. */
const LONGEST_WAIT_MS = 1.5 * LEASE_MS;
const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

/**
 * Reserves from leases in memory and else in the database: one statement at a time, which carries all the requests that came
 * while the one before it was under way.
 */
@Injectable()
export class Reserver implements ReservationSource, BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #logger = new Logger(Reserver.name);
  readonly #pools = new LeasePools();
  readonly #demand = new DemandMemory();
  readonly #known = new KnownStandings();
  readonly #link: ExchangeLink;
  readonly #leaseClock: LeaseClock;
  #queue: Ask[] = [];
  #running: Promise<void> | null = null;
  #failures = 0;
  #isClosing = false;
  #cancelTimer: (() => void) | null = null;

  constructor(
    private readonly store: BudgetExchangeStore,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    this.#link = new ExchangeLink(store, clock);
    this.#leaseClock = new LeaseClock(clock);
  }

  reserve(terms: readonly BudgetTerms[], amountUsd: string): BudgetReservation | Promise<BudgetReservation> {
    return this.#reserve(terms, toScaled(amountUsd, MONEY_DIGITS), false);
  }

  /** See `BudgetsService`. */
  reserveFromPlenty(
    terms: readonly BudgetTerms[],
    amountUsd: string,
  ): BudgetReservation | null | Promise<BudgetReservation | null> {
    const usd = toScaled(amountUsd, MONEY_DIGITS);
    const isPlenty = this.#known.havePlenty(terms, usd, this.#leaseClock.now());
    if (isPlenty === null) return this.#askForPlenty(terms, usd);
    return isPlenty ? this.#reserveTentatively(terms, usd) : null;
  }

  extend(terms: readonly BudgetTerms[], portions: readonly Portion[], usd: bigint): Taking | Promise<Taking> {
    return this.#take(terms, portions, usd, false);
  }

  putBack(portions: readonly Portion[]): void {
    for (const portion of portions) this.#pools.putBack(portion, this.#leaseClock.now());
    if (this.#pools.hasReturns) this.#pump();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isClosing = true;
    await this.#giveBackAll();
  }

  // Calls that were cut off by the closing of the port give back only after the first of the two.
  async onApplicationShutdown(): Promise<void> {
    await this.#giveBackAll();
    this.#cancelTimer?.();
    if (this.#link.isUncertain || !this.#link.isUsed) return;
    await this.store.leave().catch((error: unknown) => {
      this.#logger.warn(`The budgets could not be left: ${describe(error)}`);
    });
  }

  #reserve(
    terms: readonly BudgetTerms[],
    usd: bigint,
    isTentative: boolean,
  ): BudgetReservation | Promise<BudgetReservation> {
    const accounts = terms.map(({ id }) => ({ budgetId: id, periodStart: null }));
    const taking = this.#take(terms, accounts, usd, isTentative);
    if (taking instanceof Promise) return taking.then((taken) => new BudgetReservation(this, terms, taken));
    return new BudgetReservation(this, terms, taking);
  }

  // Nothing is asked for, and every answer tells how the budgets stand.
  async #askForPlenty(terms: readonly BudgetTerms[], usd: bigint): Promise<BudgetReservation | null> {
    await this.#reserve(terms, 0n, true);
    if (this.#known.havePlenty(terms, usd, this.#leaseClock.now()) !== true) return null;
    return this.#reserveTentatively(terms, usd);
  }

  #reserveTentatively(
    terms: readonly BudgetTerms[],
    usd: bigint,
  ): BudgetReservation | Promise<BudgetReservation | null> {
    const reservation = this.#reserve(terms, usd, true);
    if (!(reservation instanceof Promise)) return reservation;
    return reservation.catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'insufficient_quota') return null;
      throw error;
    });
  }

  #take(
    terms: readonly BudgetTerms[],
    accounts: Ask['accounts'],
    usd: bigint,
    isTentative: boolean,
  ): Taking | Promise<Taking> {
    const taken = this.#pools.take(accounts, usd, this.#leaseClock.now());
    if (taken) return taken;
    return new Promise((resolve, reject) => {
      this.#queue.push({ terms, accounts, usd, isTentative, refuseAt: null, resolve, reject });
      this.#pump();
    });
  }

  async #giveBackAll(): Promise<void> {
    await this.#running;
    for (const portion of this.#pools.collectAll()) this.#pools.addReturn(portion);
    this.#pump();
    await this.#running;
  }

  #pump(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#hasWork()) this.#pump();
      else this.#scheduleNext();
    });
  }

  async #run(): Promise<void> {
    do {
      // Whoever asks in the same moment comes along.
      await Promise.resolve();
      if (await this.#clear()) await this.#exchangeNext();
    } while (this.#hasWork());
  }

  // After a failure only somebody who waits is a reason to try again before the timer does.
  #hasWork(): boolean {
    return this.#queue.length > 0 || (this.#pools.hasReturns && this.#failures === 0);
  }

  /** False: the database is away, and whoever waits was told. */
  async #clear(): Promise<boolean> {
    if (!this.#link.isUncertain) return true;
    const waiting = this.#queue.splice(0);
    try {
      for (const portion of await this.#link.clear()) this.#pools.addReturn(portion);
      this.#failures = 0;
      this.#queue.unshift(...waiting);
      return true;
    } catch (error) {
      this.#failures += 1;
      for (const ask of waiting) ask.reject(error);
      return false;
    }
  }

  async #exchangeNext(): Promise<void> {
    const asks = this.#queue.splice(0, MOST_ASKS);
    const budgetIds = new Set(asks.flatMap(({ accounts }) => accounts.map(({ budgetId }) => budgetId)));
    const now = this.#leaseClock.now();
    const { returns, used } = this.#pools.collect(budgetIds, now);
    if (asks.length === 0 && returns.length === 0) return;
    const batch = toBatch(asks, (budgetId, usd) =>
      this.#isClosing ? 0n : this.#demand.wantedLease(budgetId, usd, used.get(budgetId) ?? 0n, now),
    );
    try {
      const answer = await this.#link.exchange({ returns, ...batch });
      this.#failures = 0;
      this.#apply(batch, asks, answer, now);
    } catch (error) {
      this.#failures += 1;
      if (!this.#link.isUncertain) for (const portion of returns) this.#pools.addReturn(portion);
      this.#logger.error(`Budgets cannot be asked at present: ${describe(error)}`);
      for (const ask of asks) ask.reject(error);
    }
  }

  #apply(batch: Batch, asks: readonly Ask[], answer: ExchangeAnswer, sentAt: number): void {
    if (answer.isLost) {
      this.#logger.warn('This process was taken for dead: what it had reserved of budgets was given back.');
      this.#pools.collectAll();
      this.#queue.unshift(...asks);
      return;
    }
    for (const [place, { budgetId }] of batch.accounts.entries()) {
      const exchanged = answer.accounts[place];
      if (!exchanged) continue;
      this.#known.note(budgetId, exchanged.standing.left, sentAt);
      if (exchanged.lease === 0n) continue;
      const { periodStart, standing, lease, endsInMs } = exchanged;
      // From when the question was sent, so that it ends here before it ends there.
      this.#pools.lease({
        budgetId,
        periodStart,
        standing,
        usd: lease,
        usableUntil: sentAt + Math.min(LEASE_MS, endsInMs),
      });
    }
    const waiting = asks.filter((ask, index) => !this.#conclude(ask, index, batch, answer));
    if (waiting.length > 0) this.#askAgain(waiting);
  }

  /** False: leases of others have to be waited for. */
  #conclude(ask: Ask, index: number, batch: Batch, answer: ExchangeAnswer): boolean {
    const lacking = answer.lacking[index] ?? null;
    const account = lacking === null ? null : answer.accounts[lacking];
    if (lacking === null || !account) {
      const row = batch.asks[index] ?? { usd: 0n, uses: [] };
      ask.resolve(takingOf(row, batch.accounts, answer));
      return true;
    }
    const terms = ask.terms.find(({ id }) => id === batch.accounts[lacking]?.budgetId);
    if (ask.isTentative && terms) {
      ask.reject(refuseReservation(terms, account, ask.usd));
      return true;
    }
    const now = this.#leaseClock.now();
    ask.refuseAt ??= now + LONGEST_WAIT_MS;
    if (account.othersLeaseMs > 0 && now < ask.refuseAt) return false;
    if (terms) {
      this.telemetry.budgetRefused(terms);
      ask.reject(refuseReservation(terms, account, ask.usd));
    } else ask.reject(new AppError('insufficient_quota', 'A budget is spent.', { shouldRetry: false }));
    return true;
  }

  #askAgain(waiting: readonly Ask[]): void {
    this.clock.schedule(() => {
      this.#queue.push(...waiting);
      this.#pump();
    }, WAIT_MS);
  }

  #scheduleNext(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const isBlocked = this.#failures > 0 && (this.#link.isUncertain || this.#pools.hasReturns);
    const waitMs = isBlocked
      ? Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS)
      : this.#pools.nextEnd - this.#leaseClock.now();
    if (this.#isClosing || waitMs === Infinity) return;
    this.#cancelTimer = this.clock.schedule(
      () => {
        this.#pump();
      },
      Math.max(1, waitMs),
    );
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

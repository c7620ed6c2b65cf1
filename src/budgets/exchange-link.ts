import type { Clock } from '../core/clock.js';
import { within } from '../core/within.js';
import type { BudgetExchangeStore, Exchange, ExchangeAnswer } from './budget-exchange.store.js';
import { isConflict, isRolledBack } from '../database/statement-failure.js';
import { toUnavailable } from './exchange-failure.js';
import { takingOf } from './exchange-batch.js';
import type { Portion } from './lease-pools.js';

/** The first and three more. */
const CONFLICT_TRIES = 4;
/** Requests wait for the answer: a connection that hangs must not hold them for ever. */
const LONGEST_MS = 10_000;

/** Exchanges with the database one after another, each of which takes place once or not at all. */
export class ExchangeLink {
  readonly #store: BudgetExchangeStore;
  readonly #clock: Clock;
  #sequence = 0;
  #uncertain: Exchange | null = null;

  constructor(store: BudgetExchangeStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Whether nobody knows if the last exchange took place; until `clear` has found out there is no other one. */
  get isUncertain(): boolean {
    return this.#uncertain !== null;
  }

  get isUsed(): boolean {
    return this.#sequence > 0;
  }

  /** Rejects with why it failed; `isUncertain` tells whether it may have taken place all the same. */
  async exchange(content: Omit<Exchange, 'sequence'>): Promise<ExchangeAnswer> {
    const exchange = { ...content, sequence: this.#sequence + 1 };
    try {
      const answer = await this.#send(exchange);
      this.#sequence = exchange.sequence;
      return answer;
    } catch (error) {
      if (!isRolledBack(error)) {
        this.#uncertain = exchange;
        this.#sequence = exchange.sequence;
      }
      throw error;
    }
  }

  /**
   * Finds out what became of the last exchange, or sees to it that it does not take place any more. Resolves to what it reserved,
   * for requests that were told of its failure. Rejects while the database is away.
   */
  async clear(): Promise<Portion[]> {
    const exchange = this.#uncertain;
    if (!exchange) return [];
    const answer = await this.#send({ ...exchange, accounts: [], asks: [] });
    this.#uncertain = null;
    // Without accounts it is the answer to this one: the other did not take place, and only what it gave back is gone now.
    return answer.accounts.length === 0 ? [] : reservedBy(exchange, answer);
  }

  async #send(exchange: Exchange): Promise<ExchangeAnswer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await within(this.#store.exchange(exchange), LONGEST_MS, this.#clock);
      } catch (error) {
        if (!isRolledBack(error)) throw toUnavailable(error);
        if (tries >= CONFLICT_TRIES || !isConflict(error)) throw error;
      }
    }
  }
}

function reservedBy({ accounts, asks }: Exchange, answer: ExchangeAnswer): Portion[] {
  const taken = asks.flatMap((ask, index) =>
    answer.lacking[index] === null ? takingOf(ask, accounts, answer).portions : [],
  );
  const leased = accounts.flatMap(({ budgetId }, place) => {
    const exchanged = answer.accounts[place];
    return exchanged ? [{ budgetId, periodStart: exchanged.periodStart, usd: exchanged.lease }] : [];
  });
  return [...taken, ...leased];
}

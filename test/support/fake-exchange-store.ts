import type { DataSource } from 'typeorm';
import {
  BudgetExchangeStore,
  type Exchange,
  type ExchangeAnswer,
  type ExchangedAccount,
} from '../../src/budgets/budget-exchange.store.js';
import { MONEY_DIGITS, toScaled } from '../../src/core/money.js';
import type { InstanceHeartbeatService } from '../../src/database/instance-heartbeat.service.js';

export const WINDOW_START = '2026-01-01T00:00:00.000Z';
export const CENT = toScaled('0.01', MONEY_DIGITS);

/** A database with one process in it, as simple as can be: every budget has the same cap. */
export class FakeExchangeStore extends BudgetExchangeStore {
  readonly exchanges: Exchange[] = [];
  cap = 100n * CENT;
  reserved = 0n;
  othersLeaseMs = 0;
  endsInMs = Infinity;
  /** What the coming exchanges fail with, before or after they take place; null lets one pass. */
  failures: ({ error: unknown; after?: boolean } | null)[] = [];
  isLost = false;
  /** Takes what comes and never answers. */
  isHanging = false;
  hasLeft = false;
  #last: { sequence: number; answer: ExchangeAnswer } | null = null;

  constructor() {
    super({} as DataSource, { instanceId: 'inst_1' } as InstanceHeartbeatService);
  }

  override async exchange(exchange: Exchange): Promise<ExchangeAnswer> {
    this.exchanges.push(exchange);
    const failure = this.failures.shift();
    if (failure && !failure.after) throw failure.error as Error;
    const answer = this.#last?.sequence === exchange.sequence ? this.#last.answer : this.#exchange(exchange);
    this.#last = { sequence: exchange.sequence, answer };
    if (this.isHanging) await new Promise(() => undefined);
    if (failure) throw failure.error as Error;
    return answer;
  }

  override async leave(): Promise<void> {
    this.hasLeft = true;
  }

  #exchange({ returns, accounts, asks }: Exchange): ExchangeAnswer {
    if (this.isLost) {
      this.isLost = false;
      this.reserved = 0n;
      return { isLost: true, accounts: [], lacking: [] };
    }
    for (const { usd } of returns) this.reserved -= usd;
    const lacking = asks.map(({ usd }) => {
      if (this.reserved + usd > this.cap) return 0;
      this.reserved += usd;
      return null;
    });
    return { isLost: false, lacking, accounts: accounts.map(({ lease }) => this.#account(lease)) };
  }

  #account(wanted: bigint): ExchangedAccount {
    const lease = this.reserved + wanted <= this.cap ? wanted : 0n;
    this.reserved += lease;
    return {
      periodStart: WINDOW_START,
      periodEnd: null,
      endsInMs: this.endsInMs,
      standing: { amount: this.cap, spent: 0n, left: this.cap - this.reserved },
      reserved: this.reserved,
      lease,
      othersLeaseMs: this.othersLeaseMs,
    };
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { InstanceHeartbeatService } from '../database/instance-heartbeat.service.js';
import { MONEY_DIGITS, toMoney, toScaled } from '../core/money.js';
import type { Portion, Standing } from './lease-pools.js';

/** How long a lease lasts, by the clock of the database. */
export const LEASE_MS = 1_000;

/** A budget that requests of an exchange need. */
export interface ExchangeAccount {
  readonly budgetId: string;
  /** Null for the window that runs now. */
  readonly periodStart: string | null;
  /** The lease that is wanted, 0 for none. */
  readonly lease: bigint;
}

/** One request: all of its budgets have as much left, or it is not let in. */
export interface ExchangeAsk {
  readonly usd: bigint;
  /** Places in the list of accounts, from 0. */
  readonly uses: readonly number[];
}

export interface Exchange {
  /** Counts from 1; the same one again has no second effect. */
  readonly sequence: number;
  readonly returns: readonly Portion[];
  readonly accounts: readonly ExchangeAccount[];
  readonly asks: readonly ExchangeAsk[];
}

/** A budget's window as an exchange left it. */
export interface ExchangedAccount {
  readonly periodStart: string;
  /** Null for a window without an end. */
  readonly periodEnd: string | null;
  /** From the moment of the exchange. */
  readonly endsInMs: number;
  readonly standing: Standing;
  readonly reserved: bigint;
  readonly lease: bigint;
  /** How long a request that found too little has to wait for leases of other processes; 0 when they cannot help. */
  readonly othersLeaseMs: number;
}

export interface ExchangeAnswer {
  /** The process was taken for dead: it holds nothing any more, and nothing was exchanged. */
  readonly isLost: boolean;
  /** Null for a budget that is gone and limits nothing. */
  readonly accounts: readonly (ExchangedAccount | null)[];
  /** By request: null when it was let in, else the place of an account that has not enough left. */
  readonly lacking: readonly (number | null)[];
}

interface AnswerRow {
  lost?: true;
  accounts?: readonly (AccountRow | null)[];
  lacking?: readonly (number | null)[];
}

interface AccountRow {
  period_start: string;
  period_end: string | null;
  ends_in_ms: number | null;
  amount_usd: string;
  spent_usd: string;
  reserved_usd: string;
  lease_usd: string;
  others_lease_ms: number;
}

/** Reserves and gives back in the database. */
@Injectable()
export class BudgetExchangeStore {
  readonly #instanceId: string;

  constructor(
    private readonly dataSource: DataSource,
    heartbeat: InstanceHeartbeatService,
  ) {
    this.#instanceId = heartbeat.instanceId;
  }

  /** One statement, and so as a whole or not at all. */
  async exchange({ sequence, returns, accounts, asks }: Exchange): Promise<ExchangeAnswer> {
    const [row] = await this.dataSource.query<[{ answer: AnswerRow }]>(
      'select exchange_budgets($1, $2, $3, $4, $5, $6) as answer',
      [
        this.#instanceId,
        sequence,
        JSON.stringify(returns.map((row) => ({ ...toKey(row), usd: render(row.usd) }))),
        JSON.stringify(accounts.map((row) => ({ ...toKey(row), lease_usd: render(row.lease) }))),
        JSON.stringify(asks.map(({ usd, uses }) => ({ usd: render(usd), uses: uses.map((place) => place + 1) }))),
        LEASE_MS,
      ],
    );
    return toAnswer(row.answer);
  }

  /** Forgets the process where it holds nothing any more; what it still holds goes back once it is taken for dead. */
  async leave(): Promise<void> {
    await this.dataSource.query(
      `with gone as (delete from budget_hold where instance_id = $1 and held_usd = 0)
       delete from budget_exchange where instance_id = $1`,
      [this.#instanceId],
    );
  }
}

function toKey({ budgetId, periodStart }: { budgetId: string; periodStart: string | null }): Record<string, unknown> {
  return { budget_id: budgetId, period_start: periodStart };
}

function render(usd: bigint): string {
  return toMoney(usd, MONEY_DIGITS);
}

function toAnswer({ lost, accounts, lacking }: AnswerRow): ExchangeAnswer {
  return {
    isLost: lost === true,
    accounts: accounts?.map((row) => (row === null ? null : toAccount(row))) ?? [],
    lacking: lacking?.map((place) => (place === null ? null : place - 1)) ?? [],
  };
}

function toAccount(row: AccountRow): ExchangedAccount {
  const [amount, spent, reserved] = [scaled(row.amount_usd), scaled(row.spent_usd), scaled(row.reserved_usd)];
  return {
    periodStart: row.period_start,
    periodEnd: row.period_end,
    endsInMs: row.ends_in_ms ?? Infinity,
    standing: { amount, spent, left: amount - spent - reserved },
    reserved,
    lease: scaled(row.lease_usd),
    othersLeaseMs: row.others_lease_ms,
  };
}

function scaled(usd: string): bigint {
  return toScaled(usd, MONEY_DIGITS);
}

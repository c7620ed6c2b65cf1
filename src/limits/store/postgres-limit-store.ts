import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { within } from '../../core/within.js';
import { DatabaseConnection } from '../../database/database-connection.js';
import { INSTANCE_DEAD_AFTER_SECONDS, InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import { isConflict, isRolledBack } from '../../database/statement-failure.js';
import { type LimitBatch, type LimitReply, LimitStore, NotExchangedError } from './limit-store.js';

/** Longer than any healthy statement waits, and short enough for a client that waits behind it. */
const TIMEOUT_MS = 5_000;
/** The embedded database runs one statement at a time, so waiting for a slow one is normal there. */
const EMBEDDED_TIMEOUT_MS = 15_000;
const TRIES = 3;

interface ExchangeRow {
  reply: {
    atMs: number;
    minutes: number[];
    used: number[];
    spares: number[];
    granted: boolean[];
  };
}

/** Counts in the database. */
@Injectable()
export class PostgresLimitStore extends LimitStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly connection: DatabaseConnection,
    private readonly heartbeat: InstanceHeartbeatService,
    private readonly clock: Clock,
  ) {
    super();
  }

  async exchange(batch: LimitBatch): Promise<LimitReply> {
    const parameters = [this.heartbeat.instanceId, INSTANCE_DEAD_AFTER_SECONDS, ...toParameters(batch)];
    const { reply } = await this.#bounded(this.#call(parameters, TRIES));
    return {
      atMs: reply.atMs,
      granted: reply.granted,
      lines: batch.lines.map((_line, index) => ({
        minute: reply.minutes[index] ?? 0,
        used: reply.used[index] ?? 0,
        spare: reply.spares[index] ?? 0,
      })),
    };
  }

  async forget(): Promise<void> {
    const sql = 'delete from limit_seat where instance_id = $1';
    await this.#bounded(this.dataSource.query(sql, [this.heartbeat.instanceId]));
  }

  async #call(parameters: unknown[], tries: number): Promise<ExchangeRow> {
    const sql = 'select limit_exchange($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as reply';
    try {
      const [row] = await this.dataSource.query<ExchangeRow[]>(sql, parameters);
      if (!row) throw new Error('The database did not answer to a batch of limits.');
      return row;
    } catch (error) {
      if (tries > 1 && isConflict(error)) return this.#call(parameters, tries - 1);
      throw wasRefused(error) ? new NotExchangedError((error as Error).message, { cause: error }) : error;
    }
  }

  #bounded<T>(work: Promise<T>): Promise<T> {
    const ms = this.connection.isEmbedded ? EMBEDDED_TIMEOUT_MS : TIMEOUT_MS;
    return within(work, ms, this.clock);
  }
}

/** Whether the server said so itself, or nobody could ask it. */
function wasRefused(error: unknown): boolean {
  return error instanceof AppError || isRolledBack(error);
}

function toParameters({ lines, takes, share }: LimitBatch): unknown[] {
  const parts = takes.flatMap((take, number) => take.map(({ line, amount }) => ({ number, line: line + 1, amount })));
  return [
    share,
    lines.map(({ meter }) => meter),
    lines.map(({ limit }) => limit),
    lines.map(({ held }) => held),
    lines.map(({ correction }) => correction?.minute ?? null),
    lines.map(({ correction }) => correction?.amount ?? null),
    parts.map(({ number }) => number),
    parts.map(({ line }) => line),
    parts.map(({ amount }) => amount),
  ];
}

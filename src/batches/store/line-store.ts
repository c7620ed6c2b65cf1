import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { totalInputTokens, totalOutputTokens } from '../../core/chat/token-usage.js';
import { FairQueue } from '../../core/fair-queue.js';
import { Telemetry } from '../../core/telemetry/telemetry.js';
import { BATCH_JOB } from '../batch-job.js';
import type { EndpointUrl } from '../endpoints.js';
import type { LineOutcome, TakenLine } from '../run/line-outcome.js';
import { endLines } from './end-lines.js';
import { type Attempt, fenced } from './fence.js';

/** A line that was taken so often, by processes that died over it, is given up. */
const MOST_TRIES = 3;
const GIVEN_UP = {
  code: 'line_given_up',
  message: `The server died ${String(MOST_TRIES)} times while it worked on this request, which is not tried again.`,
};

/** What one visit to the table does: all of it, or nothing. */
export interface Exchange {
  readonly settled: readonly LineOutcome[];
  /** Ordinals of lines that go back, as if nobody had taken them. */
  readonly released: readonly number[];
  /** How many lines are wanted. */
  readonly wanted: number;
  /** Whether only lines are wanted over which a process may have died. */
  readonly onlySuspects: boolean;
}

export interface Exchanged {
  readonly taken: TakenLine[];
  /** Lines with a result. */
  readonly done: number;
}

interface TakenRow {
  ordinal: number;
  custom_id: string;
  url: EndpointUrl;
  body: string;
}

/** The lines of batches, as attempts at them write them. */
@Injectable()
export class LineStore {
  /** One visit at a time, by turns, so that batches take one connection and leave the others to clients. */
  readonly #queue = new FairQueue();

  constructor(
    private readonly dataSource: DataSource,
    private readonly telemetry: Telemetry,
  ) {}

  /**
   * Takes over what an earlier attempt left: lines that it had taken go back, or are given up. Resolves to how many may
   * have been the end of a process.
   */
  recover(attempt: Attempt, batchId: string): Promise<number> {
    return fenced(this.dataSource, attempt, async (manager) => {
      await endLines(manager, batchId, { triedAtLeast: MOST_TRIES }, GIVEN_UP);
      await manager.query(`update batch_line set status = 'queued' where batch_id = $1 and status = 'running'`, [
        batchId,
      ]);
      const [row] = await manager.query<{ count: number }[]>(
        `select count(*)::int as count from batch_line where batch_id = $1 and status = 'queued' and tries > 0`,
        [batchId],
      );
      return row?.count ?? 0;
    });
  }

  /** Rejects with JobInterruption, and nothing is written, when the attempt does not count any more. */
  async exchange(attempt: Attempt, batchId: string, exchange: Exchange): Promise<Exchanged> {
    const exchanged = await this.#queue.run(batchId, () =>
      fenced(this.dataSource, attempt, async (manager) => {
        if (exchange.settled.length > 0) await settle(manager, batchId, exchange.settled);
        if (exchange.released.length > 0) await release(manager, batchId, exchange.released);
        const taken = exchange.wanted > 0 ? await take(manager, batchId, exchange) : [];
        const [row] = await manager.query<{ done: number }[]>(
          'select completed + failed as done from batch where id = $1',
          [batchId],
        );
        return { taken, done: row?.done ?? 0 };
      }),
    );
    const succeeded = exchange.settled.filter(({ isSuccess }) => isSuccess).length;
    this.telemetry.batchLinesEnded({ succeeded, failed: exchange.settled.length - succeeded });
    return exchanged;
  }

  /** Whether the batch got on since this was asked the last time with the same answer. */
  renew(attempt: Attempt, batchId: string): Promise<boolean> {
    return fenced(this.dataSource, attempt, async (manager) => {
      const [, count] = await manager.query<[unknown[], number]>(
        `update batch set done_at_renewal = completed + failed where id = $1 and completed + failed > done_at_renewal`,
        [batchId],
      );
      return count === 1;
    });
  }

  /** Whether there are batches that nobody works on. */
  async doOthersWait(): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `select 1 from job where kind = $1 and status = 'queued' limit 1`,
      [BATCH_JOB],
    );
    return rows.length > 0;
  }

  /** Lines without a result. */
  async countOpen(batchId: string): Promise<number> {
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `select count(*)::int as count from batch_line where batch_id = $1 and status in ('queued', 'running')`,
      [batchId],
    );
    return row?.count ?? 0;
  }
}

async function take(manager: EntityManager, batchId: string, { wanted, onlySuspects }: Exchange): Promise<TakenLine[]> {
  const [rows] = await manager.query<[TakenRow[], number]>(
    `update batch_line line set status = 'running', tries = tries + 1
     from (select ordinal from batch_line where batch_id = $1 and status = 'queued' and tries >= $3
           order by ordinal limit $2) next
     where line.batch_id = $1 and line.ordinal = next.ordinal
     returning line.ordinal, custom_id, url, body`,
    [batchId, wanted, onlySuspects ? 1 : 0],
  );
  return rows
    .map(({ ordinal, custom_id: customId, url, body }) => ({ ordinal, customId, url, body }))
    .sort((left, right) => left.ordinal - right.ordinal);
}

async function release(manager: EntityManager, batchId: string, ordinals: readonly number[]): Promise<void> {
  await manager.query(
    `update batch_line set status = 'queued', tries = tries - 1
     where batch_id = $1 and ordinal = any($2) and status = 'running'`,
    [batchId, ordinals],
  );
}

// Counted is what was changed and not what was given: a visit whose answer was lost is paid again.
async function settle(manager: EntityManager, batchId: string, outcomes: readonly LineOutcome[]): Promise<void> {
  await manager.query(
    `with given as (
       select * from unnest($2::int[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::numeric[])
         as given (ordinal, status, result, input, cached, output, reasoning, cost)),
     changed as (
       update batch_line line set status = given.status, result = given.result, body = null from given
       where line.batch_id = $1 and line.ordinal = given.ordinal and line.status = 'running'
       returning line.ordinal, given.status, octet_length(given.result) + 1 as bytes, input, cached, output, reasoning, cost)
     update batch set
       completed = batch.completed + sums.completed, failed = batch.failed + sums.failed,
       output_bytes = batch.output_bytes + sums.output_bytes, error_bytes = batch.error_bytes + sums.error_bytes,
       input_tokens = batch.input_tokens + sums.input, cached_tokens = batch.cached_tokens + sums.cached,
       output_tokens = batch.output_tokens + sums.output, reasoning_tokens = batch.reasoning_tokens + sums.reasoning,
       cost_usd = batch.cost_usd + sums.cost
     from (select
         count(*) filter (where status = 'succeeded') as completed, count(*) filter (where status = 'failed') as failed,
         coalesce(sum(bytes) filter (where status = 'succeeded'), 0) as output_bytes,
         coalesce(sum(bytes) filter (where status = 'failed'), 0) as error_bytes,
         coalesce(sum(input), 0) as input, coalesce(sum(cached), 0) as cached, coalesce(sum(output), 0) as output,
         coalesce(sum(reasoning), 0) as reasoning, coalesce(sum(cost), 0) as cost from changed) sums
     where id = $1`,
    [
      batchId,
      outcomes.map(({ ordinal }) => ordinal),
      outcomes.map(({ isSuccess }) => (isSuccess ? 'succeeded' : 'failed')),
      outcomes.map(({ result }) => result),
      outcomes.map(({ usage }) => (usage ? totalInputTokens(usage) : 0)),
      outcomes.map(({ usage }) => usage?.cachedInput ?? 0),
      outcomes.map(({ usage }) => (usage ? totalOutputTokens(usage) : 0)),
      outcomes.map(({ usage }) => usage?.reasoning ?? 0),
      outcomes.map(({ costUsd }) => costUsd ?? '0'),
    ],
  );
}

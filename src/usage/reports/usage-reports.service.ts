import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError } from 'typeorm';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { LedgerWriter } from '../ledger/ledger-writer.service.js';
import { buildReport, readsDetails } from './build-report.js';
import type { ReportGroup, ReportQuery, UsageReport, UsageSums } from './report-query.js';

type Row = { is_total: boolean } & Record<string, string | null>;

/** Tags are read from the ledger, row by row: nobody may keep the database busy with them for as long as they like. */
const MOST_MS = 15_000;
const UNKNOWN_TIME_ZONE = '22023';
const TIMED_OUT = '57014';

/** What was used and what it cost, summed up. */
@Injectable()
export class UsageReports {
  constructor(
    private readonly dataSource: DataSource,
    private readonly writer: LedgerWriter,
  ) {}

  /** Throws `invalid_query`, also when the sums take too long. Everything that this process has answered by now is in it; what other processes answered, a moment later. */
  async report(query: ReportQuery): Promise<UsageReport> {
    await this.writer.flush();
    if (readsDetails(query)) await this.#requireDetails(query);
    const { text, parameters } = buildReport(query);
    const rows = await this.#read(text, parameters).catch(explainFailure);
    const groups = rows.filter((row) => !row.is_total).map((row) => toGroup(row, query.groupBy.length));
    const total = rows.find((row) => row.is_total);
    return {
      groups: groups.slice(0, query.limit),
      hasMore: groups.length > query.limit,
      totals: query.groupBy.includes('tag') || !total ? null : toSums(total),
    };
  }

  #read(text: string, parameters: unknown[]): Promise<Row[]> {
    return this.dataSource.transaction(async (manager) => {
      // Compiling the statement takes longer than running it.
      await manager.query('set local jit = off');
      await manager.query(`set local statement_timeout = ${String(MOST_MS)}`);
      return manager.query<Row[]>(text, parameters);
    });
  }

  // A sum of what is partly deleted would look like little use.
  async #requireDetails({ range, groupBy }: ReportQuery): Promise<void> {
    const [row] = await this.dataSource.query<{ before: Date }[]>(
      'select deleted_before as before from usage_retention',
    );
    if (!row || range.from >= row.before) return;
    const what = groupBy.includes('tag') ? 'Tags are' : 'Sums finer than a day of UTC are';
    const message = `${what} kept since ${row.before.toISOString()} only. Begin later, or ask for whole days of UTC without tags.`;
    throw new InvalidRequestError('invalid_query', message, { param: 'from' });
  }
}

function explainFailure(error: unknown): never {
  const code = error instanceof QueryFailedError ? (error.driverError as { code?: string }).code : undefined;
  // The database has a list of time zones of its own.
  if (code === UNKNOWN_TIME_ZONE) {
    const message = 'The database does not know this `time_zone`. Name another one with the same clocks.';
    throw new InvalidRequestError('invalid_query', message, { param: 'time_zone' });
  }
  if (code !== TIMED_OUT) throw error;
  const message = `The report takes longer than ${String(MOST_MS / 1000)} seconds. Ask for a shorter time, or without tags.`;
  throw new InvalidRequestError('invalid_query', message, { param: 'from' });
}

function toGroup(row: Row, dimensions: number): ReportGroup {
  return {
    values: Array.from({ length: dimensions }, (_, index) => row[`g${String(index)}`] ?? ''),
    sums: toSums(row),
  };
}

function toSums(row: Row): UsageSums {
  const count = (column: string): number => Number(row[column]);
  return {
    succeeded: count('succeeded'),
    failed: count('failed'),
    aborted: count('aborted'),
    abandoned: count('abandoned'),
    attempts: count('attempts'),
    estimated: count('estimated'),
    unpriced: count('unpriced'),
    inputTokens: count('input_tokens'),
    cachedInputTokens: count('cached_input_tokens'),
    cacheWrite5mTokens: count('cache_write_5m_tokens'),
    cacheWrite1hTokens: count('cache_write_1h_tokens'),
    outputTokens: count('output_tokens'),
    reasoningTokens: count('reasoning_tokens'),
    imageInputTokens: count('image_input_tokens'),
    audioInputTokens: count('audio_input_tokens'),
    audioOutputTokens: count('audio_output_tokens'),
    imageOutputTokens: count('image_output_tokens'),
    images: count('images'),
    audioInputSeconds: count('audio_input_seconds'),
    audioOutputSeconds: count('audio_output_seconds'),
    characters: count('characters'),
    searches: count('searches'),
    costUsd: toDecimal(row.cost_usd ?? '0'),
  };
}

// The database gives nothing for a sum of no rows but a bare zero.
function toDecimal(text: string): string {
  const [whole = '0', fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(10, '0').slice(0, 10)}`;
}

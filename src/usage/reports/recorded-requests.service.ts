import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { AppError } from '../../core/errors/app-error.js';
import { LedgerWriter } from '../ledger/ledger-writer.service.js';
import { UsageAttemptEntity } from '../ledger/usage-attempt.entity.js';
import { UsageRequestEntity } from '../ledger/usage-request.entity.js';
import { type RequestFilters, toConditions } from './request-query.js';

/** A request of the ledger with its attempts in order. */
export interface RecordedRequest {
  readonly request: UsageRequestEntity;
  readonly attempts: readonly UsageAttemptEntity[];
}

export interface RequestPage {
  readonly items: readonly RecordedRequest[];
  readonly hasMore: boolean;
}

/** The requests of the ledger one by one. Everything that this process has answered by now is there. */
@Injectable()
export class RecordedRequests {
  constructor(
    private readonly dataSource: DataSource,
    private readonly writer: LedgerWriter,
  ) {}

  /** The last request of the project under this `x-request-id`; null when there is none. */
  async find(projectId: string, requestId: string): Promise<RecordedRequest | null> {
    await this.writer.flush();
    return this.#load(
      'select id from usage_request where project_id = $1 and request_id = $2 order by started_at desc limit 1',
      [projectId, requestId],
    );
  }

  /** A request of any project by the ledger's id, else the last one under this `x-request-id`; null when there is none. */
  async findAnywhere(id: string): Promise<RecordedRequest | null> {
    await this.writer.flush();
    // Project by project, because that is how request ids are indexed.
    return this.#load(
      `select id from (
         select id, 0 as rank, started_at from usage_request where id = $1
         union all
         select found.id, 1, found.started_at from project p cross join lateral (
           select id, started_at from usage_request where project_id = p.id and request_id = $1
           order by started_at desc limit 1
         ) found
       ) candidate order by rank, started_at desc limit 1`,
      [id],
    );
  }

  /** A page of requests, newest first, behind the one whose ledger id `after` is. Throws `invalid_cursor`. */
  async list(filters: RequestFilters, limit: number, after: string | undefined): Promise<RequestPage> {
    await this.writer.flush();
    const parameters: unknown[] = [];
    const bind = (value: unknown): string => `$${String(parameters.push(value))}`;
    const conditions = toConditions(filters, bind);
    if (after !== undefined) {
      const [last] = await this.dataSource.query<{ at: string }[]>(
        'select started_at::text as at from usage_request where id = $1',
        [after],
      );
      if (!last) throw invalidCursor();
      conditions.push(`(started_at, id) < (${bind(last.at)}::timestamptz, ${bind(after)})`);
    }
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    const rows = await this.dataSource.query<{ id: string }[]>(
      `select id from usage_request ${where} order by started_at desc, id desc limit ${bind(limit + 1)}`,
      parameters,
    );
    return { items: await this.#read(rows.slice(0, limit).map(({ id }) => id)), hasMore: rows.length > limit };
  }

  async #load(text: string, parameters: unknown[]): Promise<RecordedRequest | null> {
    const rows = await this.dataSource.query<{ id: string }[]>(text, parameters);
    const [found] = await this.#read(rows.map(({ id }) => id));
    return found ?? null;
  }

  async #read(ids: readonly string[]): Promise<RecordedRequest[]> {
    if (ids.length === 0) return [];
    const requests = await this.dataSource.getRepository(UsageRequestEntity).findBy({ id: In([...ids]) });
    const attempts = await this.dataSource
      .getRepository(UsageAttemptEntity)
      .find({ where: { usageRequestId: In([...ids]) }, order: { n: 'ASC' } });
    const byId = new Map(requests.map((request) => [request.id, request]));
    return ids.flatMap((id) => {
      const request = byId.get(id);
      return request ? [{ request, attempts: attempts.filter(({ usageRequestId }) => usageRequestId === id) }] : [];
    });
  }
}

function invalidCursor(): AppError {
  return new AppError(
    'invalid_cursor',
    'There is no request with the id given in `after`. Use the `last_id` of a page.',
    {
      param: 'after',
    },
  );
}

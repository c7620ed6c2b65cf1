import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ResponsesConfig } from '../../config/responses-config.js';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonObject } from '../../core/json.js';
import { holdAttempts } from '../../jobs/hold-attempts.js';
import type { RunningJob } from '../../jobs/job.js';
import { bytesOf, toItemRows } from '../store/item-rows.js';
import { insertItems } from '../store/response-store.js';
import { readStatus } from '../store/read-status.js';
import type { EndedResponse, ResponseStatus } from '../store/stored-response.js';
import { insertEvents } from './event-store.js';
import type { LoggedEvent } from './event-log.js';

/** Which attempt at a job writes: one that was taken over or cancelled writes nothing any more. */
export type Attempt = Pick<RunningJob<never>, 'id' | 'attempt' | 'projectId'>;

/** A response that is to be answered now. */
export interface BegunResponse {
  readonly id: string;
  /** The body that asked for it. */
  readonly request: JsonObject;
  /** Unix seconds, as clients were told. */
  readonly createdAt: number;
  readonly isStreamed: boolean;
  /** Whether an earlier attempt was read along already, by whoever. */
  readonly wasToldOf: boolean;
}

interface BegunRow {
  request: string;
  body: string;
  is_streamed: boolean;
  was_told_of: boolean;
}

/** `response.created`, `response.queued` and `response.in_progress` are the same of every attempt. */
const LAST_START = 2;

/** Responses in the background as the attempts at them write them. */
@Injectable()
export class BackgroundStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: ResponsesConfig,
  ) {}

  /** Begins an attempt. Null for a response that is over or gone. */
  async begin(projectId: string, id: string): Promise<BegunResponse | null> {
    const [[row]] = await this.dataSource.query<[BegunRow[], number]>(
      `update response set status = 'in_progress'
       where project_id = $1 and id = $2 and status in ('queued', 'in_progress') and request is not null
       returning request, is_streamed, body, exists (
         select 1 from response_event event where event.response_id = response.id and event.sequence > $3) as was_told_of`,
      [projectId, id, LAST_START],
    );
    if (!row) return null;
    return {
      id,
      request: parseExactJson(row.request) as JsonObject,
      createdAt: Number((JSON.parse(row.body) as JsonObject).created_at),
      isStreamed: row.is_streamed,
      wasToldOf: row.was_told_of,
    };
  }

  /** How the response stands; null for one that is gone. */
  statusOf(id: string): Promise<ResponseStatus | null> {
    return readStatus(this.dataSource, id);
  }

  /** Writes events where others read along; those that are there already stay as they are. */
  async append(attempt: Attempt, id: string, events: readonly LoggedEvent[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if (await isOurs(manager, attempt)) await insertEvents(manager, id, events);
    });
  }

  /** Ends a response with its output and last events; whether it was this attempt's to end. */
  end(attempt: Attempt, id: string, ended: EndedResponse, events: readonly LoggedEvent[]): Promise<boolean> {
    const rows = toItemRows([], ended.output);
    return this.dataSource.transaction(async (manager) => {
      if (!(await isOurs(manager, attempt))) return false;
      const [, count] = await manager.query<[unknown[], number]>(
        `update response set status = $3, body = $4, request = null, bytes = bytes + $5, finished_at = now(),
           expires_at = now() + make_interval(days => $6)
         where project_id = $1 and id = $2 and status in ('queued', 'in_progress')`,
        [attempt.projectId, id, ended.status, JSON.stringify(ended.body), bytesOf(rows), this.config.keptDays],
      );
      if (count === 0) return false;
      const [last] = await manager.query<{ next: number }[]>(
        'select coalesce(max(ordinal) + 1, 0) as next from response_item where response_id = $1',
        [id],
      );
      await insertItems(manager, { id, projectId: attempt.projectId }, rows, last?.next ?? 0);
      await insertEvents(manager, id, events);
      return true;
    });
  }

  /** It waits for another attempt. */
  async requeue(attempt: Attempt, id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      if (!(await isOurs(manager, attempt))) return;
      await manager.query(
        `update response set status = 'queued' where project_id = $1 and id = $2 and status = 'in_progress'`,
        [attempt.projectId, id],
      );
    });
  }
}

async function isOurs(manager: EntityManager, { id, attempt }: Attempt): Promise<boolean> {
  return (await holdAttempts(manager, [{ id, attempt }])).has(id);
}

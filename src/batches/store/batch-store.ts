import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { NumberedLine } from '../lines/batch-line.js';
import { BATCH_COLUMNS, type BatchRow } from './stored-batch.js';

type SqlRunner = Pick<EntityManager, 'query'>;

/** What one statement may hold, lines or characters of their bodies; the last line may be larger. */
export const GROUP_LINES = 500;
export const GROUP_CHARACTERS = 1024 * 1024;

/** Which batches are wanted. */
export interface BatchPage {
  readonly limit: number;
  /** The id of the last batch of the page before. */
  readonly after?: string;
}

/** A batch as it begins. */
export interface NewBatch {
  readonly id: string;
  readonly projectId: string;
  readonly keyId: string;
  readonly webhookId: string | null;
  readonly endpoint: string;
  readonly inputFileId: string | null;
  readonly completionWindow: string;
  readonly windowSeconds: number;
  readonly outputKeptSeconds: number | null;
  readonly metadata: JsonObject | null;
  readonly tags: readonly string[];
  /** What its requests take. */
  readonly inputBytes: number;
  /** Lines that are there from the beginning; null while they stand in a file. */
  readonly total: number | null;
}

/** The table of batches. */
@Injectable()
export class BatchStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The batch; null for one that is not the project's. */
  async find(projectId: string, id: string, runner: SqlRunner = this.dataSource): Promise<BatchRow | null> {
    const [row] = await runner.query<BatchRow[]>(
      `select ${BATCH_COLUMNS} from batch where project_id = $1 and id = $2`,
      [projectId, id],
    );
    return row ?? null;
  }

  /** A page of the project's batches, newest first. Throws `invalid_cursor`. */
  async list(projectId: string, page: BatchPage): Promise<{ batches: BatchRow[]; hasMore: boolean }> {
    const { limit, after } = page;
    if (after !== undefined && !(await this.find(projectId, after))) {
      const message = 'There is no batch with the id given in `after`. Use the `last_id` of a page.';
      throw new InvalidRequestError('invalid_cursor', message, { param: 'after' });
    }
    const rows = await this.dataSource.query<BatchRow[]>(
      `select ${BATCH_COLUMNS} from batch
       where project_id = $1 and ($2::text is null or (created_at, id) < (select created_at, id from batch where id = $2))
       order by created_at desc, id desc limit $3`,
      [projectId, after ?? null, limit + 1],
    );
    return { batches: rows.slice(0, limit), hasMore: rows.length > limit };
  }

  async insert(manager: EntityManager, batch: NewBatch): Promise<void> {
    const { total, metadata } = batch;
    await manager.query(
      `insert into batch (id, project_id, key_id, webhook_id, endpoint, input_file_id, completion_window, expires_at,
         output_kept_seconds, metadata, tags, total, input_bytes, status, in_progress_at)
       values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8), $9, $10, $11, coalesce($12::int, 0), $13,
         case when $12::int is null then 'validating' else 'in_progress' end, case when $12::int is null then null else now() end)`,
      [
        ...[batch.id, batch.projectId, batch.keyId, batch.webhookId, batch.endpoint, batch.inputFileId],
        ...[batch.completionWindow, batch.windowSeconds, batch.outputKeptSeconds],
        ...[metadata && JSON.stringify(metadata), batch.tags, total, batch.inputBytes],
      ],
    );
  }

  /** What the unfinished batches of a project take: their requests and the results that there are. */
  async usedBytes(projectId: string): Promise<number> {
    const [row] = await this.dataSource.query<{ bytes: string }[]>(
      `select coalesce(sum(input_bytes + output_bytes + error_bytes), 0) as bytes from batch
       where project_id = $1 and finished_at is null`,
      [projectId],
    );
    return Number(row?.bytes ?? 0);
  }

  async noteJob(manager: EntityManager, id: string, jobId: string): Promise<void> {
    await manager.query('update batch set job_id = $2 where id = $1', [id, jobId]);
  }
}

/** Writes lines down; resolves to the ordinals of those that are new by their `custom_id`. */
export async function insertLines(
  manager: EntityManager,
  batchId: string,
  lines: readonly NumberedLine[],
): Promise<ReadonlySet<number>> {
  const rows = await manager.query<{ ordinal: number }[]>(
    `insert into batch_line (batch_id, ordinal, custom_id, url, body)
     select $1::text, * from unnest($2::int[], $3::text[], $4::text[], $5::text[])
     on conflict do nothing returning ordinal`,
    [
      batchId,
      lines.map(({ ordinal }) => ordinal),
      lines.map(({ customId }) => customId),
      lines.map(({ url }) => url),
      lines.map(({ body }) => body),
    ],
  );
  return new Set(rows.map(({ ordinal }) => ordinal));
}

/** Lines in groups that one statement may hold. */
export function* inGroups(lines: Iterable<NumberedLine>): Generator<NumberedLine[]> {
  let group: NumberedLine[] = [];
  let characters = 0;
  for (const line of lines) {
    group.push(line);
    characters += line.body.length;
    if (group.length < GROUP_LINES && characters < GROUP_CHARACTERS) continue;
    yield group;
    group = [];
    characters = 0;
  }
  if (group.length > 0) yield group;
}

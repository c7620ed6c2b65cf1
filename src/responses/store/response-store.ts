import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ResponsesConfig } from '../../config/responses-config.js';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonObject } from '../../core/json.js';
import { bytesOf, type ItemRow, toItemRows } from './item-rows.js';
import type { NewResponse, ResponseStatus, StoredItem, StoredResponse } from './stored-response.js';

interface ResponseRow {
  id: string;
  status: ResponseStatus;
  is_background: boolean;
  is_streamed: boolean;
  job_id: string | null;
  body: string;
  finished_at: Date | null;
}

interface ItemContent {
  id: string;
  is_output: boolean;
  content: string;
}

interface FoundRow {
  id: string;
  /** Null where all of them are too many bytes. */
  content: string | null;
  bytes: number;
}

/** Items by their ids, and their bytes altogether, each counted as often as it was asked for. */
interface FoundItems {
  readonly items: ReadonlyMap<string, JsonObject>;
  readonly bytes: number;
}

const RESPONSE_COLUMNS = 'id, status, is_background, is_streamed, job_id, body, finished_at';

/** Responses as they are stored. All of it is asked for by project: a foreign id is an unknown one. */
@Injectable()
export class ResponseStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: ResponsesConfig,
  ) {}

  /**
   * Writes a response with its items, in a transaction of its own or the given one. One that is there already stays as it
   * is, and nothing is written for a project that was deleted.
   */
  async insert(response: NewResponse, manager?: EntityManager): Promise<void> {
    if (manager) await this.#insert(response, manager);
    else await this.dataSource.transaction((own) => this.#insert(response, own));
  }

  /** Null for a response that the project does not have. */
  async find(projectId: string, id: string): Promise<StoredResponse | null> {
    const [row] = await this.dataSource.query<ResponseRow[]>(
      `select ${RESPONSE_COLUMNS} from response where project_id = $1 and id = $2`,
      [projectId, id],
    );
    return row ? toStoredResponse(row) : null;
  }

  /** What a response consists of, in order. */
  async outputOf(id: string): Promise<StoredItem[]> {
    const rows = await this.dataSource.query<ItemContent[]>(
      'select id, is_output, content from response_item where response_id = $1 and is_output order by ordinal',
      [id],
    );
    return rows.map(toStoredItem);
  }

  /**
   * The items that the project's responses hold under these ids; of several with one id the newest. None of them when they
   * have more than `mostBytes` altogether.
   */
  async findItems(projectId: string, ids: readonly string[], mostBytes: number): Promise<FoundItems> {
    const rows = await this.dataSource.query<FoundRow[]>(
      `with found as (
         select distinct on (item.id) item.id, item.response_id, item.ordinal, octet_length(item.content) as bytes
         from response_item item join response on response.id = item.response_id
         where item.project_id = $1 and item.id = any($2::text[])
         order by item.id, response.created_at desc, item.ordinal desc
       ), named as (
         select sum(found.bytes)::float8 as bytes from unnest($2::text[]) as given (id) join found on found.id = given.id
       )
       select item.id, named.bytes, case when named.bytes <= $3 then item.content end as content
       from named cross join found join response_item item
         on item.response_id = found.response_id and item.ordinal = found.ordinal`,
      [projectId, ids.filter((id) => !id.includes('\0')), mostBytes],
    );
    const items = rows.flatMap(({ id, content }): [string, JsonObject][] =>
      content === null ? [] : [[id, parseExactJson(content) as JsonObject]],
    );
    return { items: new Map(items), bytes: rows[0]?.bytes ?? 0 };
  }

  /** How many of the project's responses are not over, counted to `most`. */
  async countUnfinished(projectId: string, most: number): Promise<number> {
    const [row] = await this.dataSource.query<{ count: number }[]>(
      `select count(*)::int as count from (
         select 1 from response where project_id = $1 and finished_at is null limit $2) unfinished`,
      [projectId, most],
    );
    return row?.count ?? 0;
  }

  /** Notes the job that will answer. */
  async noteJob(id: string, jobId: string, manager: EntityManager): Promise<void> {
    await manager.query('update response set job_id = $2 where id = $1', [id, jobId]);
  }

  /** Removes a response with all that it holds; whether there was one. */
  async remove(projectId: string, id: string): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      'delete from response where project_id = $1 and id = $2',
      [projectId, id],
    );
    return count > 0;
  }

  async #insert(response: NewResponse, manager: EntityManager): Promise<void> {
    const { id, projectId, previousId, conversationId, status, body, background } = response;
    const rows = toItemRows(response.input, response.output);
    const written = await manager.query<unknown[]>(
      `insert into response (id, project_id, root_id, previous_id, conversation_id, status, is_background, is_streamed, body,
         request, bytes, finished_at, expires_at)
       select $1::text, project.id, coalesce((select earlier.root_id from response earlier where earlier.id = $3::text), $1),
         $3, $4, $5, $6::boolean, $7::boolean, $8, $9, $10::integer, case when $6 then null else now() end,
         now() + make_interval(days => $11)
       from project where project.id = $2 and project.deleted_at is null
       on conflict (id) do nothing returning 1`,
      [
        ...[
          id,
          projectId,
          previousId,
          conversationId,
          status,
          background !== undefined,
          background?.isStreamed ?? false,
        ],
        ...[JSON.stringify(body), background ? JSON.stringify(background.request) : null, bytesOf(rows)],
        this.config.keptDays,
      ],
    );
    if (written.length > 0) await insertItems(manager, { id, projectId }, rows, 0);
  }
}

/** Writes items of a response from the given place on. */
export async function insertItems(
  manager: EntityManager,
  { id, projectId }: { id: string; projectId: string },
  rows: readonly ItemRow[],
  firstOrdinal: number,
): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `insert into response_item (response_id, ordinal, project_id, id, is_output, content)
     select $1, given.ordinal - 1 + $2, $3, given.id, given.is_output, given.content
     from unnest($4::text[], $5::boolean[], $6::text[]) with ordinality as given (id, is_output, content, ordinal)`,
    [
      ...[id, firstOrdinal, projectId],
      ...[rows.map((row) => row.id), rows.map(({ isOutput }) => isOutput), rows.map(({ content }) => content)],
    ],
  );
}

function toStoredResponse(row: ResponseRow): StoredResponse {
  return {
    id: row.id,
    status: row.status,
    isBackground: row.is_background,
    isStreamed: row.is_streamed,
    jobId: row.job_id,
    body: parseExactJson(row.body) as JsonObject,
    finishedAt: row.finished_at,
  };
}

function toStoredItem(row: ItemContent): StoredItem {
  return { id: row.id, isOutput: row.is_output, item: parseExactJson(row.content) as JsonObject };
}

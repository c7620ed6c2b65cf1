import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { isConversationId } from '../conversation-id.js';

/** A conversation without what was said in it. */
export interface ConversationRow {
  id: string;
  title: string | null;
  metadata: JsonObject;
  createdAt: Date;
  updatedAt: Date;
}

/** What of a conversation is to be changed; undefined leaves it. */
export interface ConversationChange {
  title?: string | null;
  metadata?: JsonObject;
}

const COLUMNS = 'id, title, metadata, created_at as "createdAt", updated_at as "updatedAt"';

/** The conversations of a project; nobody sees another project's. */
@Injectable()
export class ConversationStore {
  constructor(private readonly dataSource: DataSource) {}

  async insert(id: string, projectId: string, { title, metadata }: ConversationChange): Promise<ConversationRow> {
    const rows = await this.dataSource.query<ConversationRow[]>(
      `insert into conversation (id, project_id, title, metadata) values ($1, $2, $3, $4) returning ${COLUMNS}`,
      [id, projectId, title ?? null, JSON.stringify(metadata ?? {})],
    );
    return single(rows);
  }

  /** Null for one that the project does not have. */
  async find(projectId: string, id: string): Promise<ConversationRow | null> {
    if (!isConversationId(id)) return null;
    const rows = await this.dataSource.query<ConversationRow[]>(
      `select ${COLUMNS} from conversation where project_id = $1 and id = $2`,
      [projectId, id],
    );
    return rows[0] ?? null;
  }

  /** One more than `limit` when there are more, newest first. Throws `invalid_cursor`. */
  async list(projectId: string, { limit, after }: { limit: number; after?: string }): Promise<ConversationRow[]> {
    if (after === undefined) {
      return this.dataSource.query<ConversationRow[]>(
        `select ${COLUMNS} from conversation where project_id = $1 order by created_at desc, id desc limit $2`,
        [projectId, limit + 1],
      );
    }
    if (!(await this.find(projectId, after))) throw invalidCursor();
    // Compared in the database, whose times are finer than JavaScript's.
    return this.dataSource.query<ConversationRow[]>(
      `select ${COLUMNS} from conversation where project_id = $1
         and (created_at, id) < (select last.created_at, last.id from conversation last where last.id = $3)
       order by created_at desc, id desc limit $2`,
      [projectId, limit + 1, after],
    );
  }

  /** Null for one that the project does not have. */
  async update(projectId: string, id: string, change: ConversationChange): Promise<ConversationRow | null> {
    if (!isConversationId(id)) return null;
    const [rows] = await this.dataSource.query<[ConversationRow[], number]>(
      `update conversation set title = case when $3 then $4 else title end,
         metadata = coalesce($5::jsonb, metadata), updated_at = now()
       where project_id = $1 and id = $2 returning ${COLUMNS}`,
      [
        projectId,
        id,
        change.title !== undefined,
        change.title ?? null,
        change.metadata === undefined ? null : JSON.stringify(change.metadata),
      ],
    );
    return rows[0] ?? null;
  }

  /** Removes it with all that was said in it; false when the project has none of this id. */
  async remove(projectId: string, id: string): Promise<boolean> {
    if (!isConversationId(id)) return false;
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      'delete from conversation where project_id = $1 and id = $2',
      [projectId, id],
    );
    return count > 0;
  }
}

/** `after` is no id of a list's item. */
export function invalidCursor(): AppError {
  const message = 'There is no item with the id given in `after`. Use the `last_id` of a page.';
  return new AppError('invalid_cursor', message, { param: 'after' });
}

function single<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('The database gave back nothing of what it inserted.');
  return row;
}

import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { deletedMeanwhile } from './file-receiver.service.js';
import { FILE_COLUMNS, type FileRow, type FilePurpose, type StoredFile, toStoredFile } from './stored-file.js';

/** Which files are wanted. */
export interface FilePage {
  readonly purpose?: string;
  readonly limit: number;
  /** The id of the last file of the page before. */
  readonly after?: string;
  readonly order: 'asc' | 'desc';
}

const IS_THERE = 'is_whole and (expires_at is null or expires_at > now())';

/** The table of files, as clients see it. */
@Injectable()
export class FileStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The file; null for one that is not the project's, not whole yet or over its time. */
  async find(projectId: string, id: string): Promise<StoredFile | null> {
    const [row] = await this.dataSource.query<FileRow[]>(
      `select ${FILE_COLUMNS} from file where project_id = $1 and id = $2 and ${IS_THERE}`,
      [projectId, id],
    );
    return row ? toStoredFile(row) : null;
  }

  /** The file that a batch reads, which stays until the batch is over; null when it was deleted with its project. */
  async findInput(projectId: string, id: string): Promise<StoredFile | null> {
    const [row] = await this.dataSource.query<FileRow[]>(
      `select ${FILE_COLUMNS} from file where project_id = $1 and id = $2 and is_whole`,
      [projectId, id],
    );
    return row ? toStoredFile(row) : null;
  }

  /** Keeps a file from being deleted until the transaction is over; null when there is none. */
  async hold(manager: EntityManager, projectId: string, id: string): Promise<StoredFile | null> {
    const [row] = await manager.query<FileRow[]>(
      `select ${FILE_COLUMNS} from file where project_id = $1 and id = $2 and ${IS_THERE} for share`,
      [projectId, id],
    );
    return row ? toStoredFile(row) : null;
  }

  /** A page of the project's files. Throws `invalid_cursor`. */
  async list(projectId: string, page: FilePage): Promise<{ files: StoredFile[]; hasMore: boolean }> {
    const { purpose = null, limit, after = null, order } = page;
    if (after !== null && !(await this.find(projectId, after))) {
      const message = 'There is no file with the id given in `after`. Use the `last_id` of a page.';
      throw new InvalidRequestError('invalid_cursor', message, { param: 'after' });
    }
    const [comparison, direction] = order === 'asc' ? ['>', 'asc'] : ['<', 'desc'];
    const rows = await this.dataSource.query<FileRow[]>(
      `select ${FILE_COLUMNS} from file
       where project_id = $1 and ${IS_THERE} and ($2::text is null or purpose = $2)
         and ($3::text is null or (created_at, id) ${comparison} (select created_at, id from file where id = $3))
       order by created_at ${direction}, id ${direction} limit $4`,
      [projectId, purpose, after, limit + 1],
    );
    return { files: rows.slice(0, limit).map(toStoredFile), hasMore: rows.length > limit };
  }

  /** An upload is whole: others see it from now on. `keptSeconds` counts from its beginning. */
  async complete(id: string, purpose: FilePurpose, keptSeconds: number | null): Promise<StoredFile> {
    const [[row]] = await this.dataSource.query<[FileRow[], number]>(
      `update file set purpose = $2, is_whole = true, expires_at = created_at + make_interval(secs => $3)
       where id = $1 returning ${FILE_COLUMNS}`,
      [id, purpose, keptSeconds],
    );
    if (!row) throw deletedMeanwhile();
    return toStoredFile(row);
  }

  /** Deletes a file, with the results that it shows. Throws `not_found`, and `invalid_state` while a batch reads it. */
  delete(projectId: string, id: string): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const [row] = await manager.query<FileRow[]>(
        `select ${FILE_COLUMNS} from file where project_id = $1 and id = $2 and is_whole for update`,
        [projectId, id],
      );
      if (!row) throw new AppError('not_found', 'There is no file with this id.', { param: 'id' });
      const users = await manager.query<{ id: string }[]>(
        'select id from batch where input_file_id = $1 and finished_at is null limit 1',
        [id],
      );
      if (users[0]) {
        const message = `The batch ${users[0].id} is still at work on the file. Cancel it first, or wait for its end.`;
        throw new AppError('invalid_state', message, { param: 'id' });
      }
      if (row.batch_id !== null) await forgetResults(manager, row.batch_id, id);
      await manager.query('delete from file where id = $1', [id]);
    });
  }

  /** What all files of a project take. */
  async usedBytes(projectId: string): Promise<number> {
    const [row] = await this.dataSource.query<{ bytes: string }[]>(
      'select coalesce(sum(bytes), 0) as bytes from file where project_id = $1',
      [projectId],
    );
    return Number(row?.bytes ?? 0);
  }
}

// Both files of a batch are views of its lines.
async function forgetResults(manager: EntityManager, batchId: string, fileId: string): Promise<void> {
  await manager.query(
    `update batch_line set result = null from batch
     where batch.id = $1 and batch_line.batch_id = batch.id
       and batch_line.status = case when batch.output_file_id = $2 then 'succeeded' else 'failed' end`,
    [batchId, fileId],
  );
}

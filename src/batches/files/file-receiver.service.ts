import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BatchesConfig } from '../../config/batches-config.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import { codeOfFailure } from '../../database/statement-failure.js';
import { cutPieces } from '../../http/body/cut-pieces.js';
import type { IncomingFile } from '../../http/body/read-multipart.js';

/** A part is one row and one statement: nothing is held in memory but it, and no transaction waits for a client. */
const PART_BYTES = 512 * 1024;
const LONGEST_NAME = 255;
const DISK_FULL = '53100';
const NO_SUCH_ROW = '23503';

/** Takes the bytes of files in, part by part as they arrive. */
@Injectable()
export class FileReceiver {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: BatchesConfig,
  ) {}

  /** The largest file, in bytes. */
  get limitBytes(): number {
    return this.config.fileLimitBytes;
  }

  /**
   * Stores a file while it arrives; resolves to its id. Nobody sees it before it is completed. Throws `file_too_large`,
   * `empty_file`, `storage_full`, and whatever its stream fails with; nothing is left of it then.
   */
  async receive(projectId: string, file: IncomingFile): Promise<string> {
    const id = newId('file-');
    try {
      await this.#receive(id, projectId, file);
      return id;
    } catch (error) {
      // What cannot be removed now is found by the sweeper.
      await this.discard(id).catch(() => undefined);
      throw toRefusal(error);
    }
  }

  /** Removes a file that is not whole. */
  async discard(id: string): Promise<void> {
    await this.dataSource.query('delete from file where id = $1 and not is_whole', [id]);
  }

  async #receive(id: string, projectId: string, { name, stream }: IncomingFile): Promise<void> {
    await this.dataSource.query(`insert into file (id, project_id, name, purpose) values ($1, $2, $3, '')`, [
      id,
      projectId,
      cleanName(name),
    ]);
    let ordinal = 0;
    for await (const part of cutPieces(stream, PART_BYTES, this.config.fileLimitBytes, fileTooLarge)) {
      await this.#append(id, projectId, ordinal, part);
      ordinal += 1;
    }
    if (ordinal === 0) throw new InvalidRequestError('empty_file', 'The file is empty.', { param: 'file' });
  }

  async #append(id: string, projectId: string, ordinal: number, part: Buffer): Promise<void> {
    const [row] = await this.dataSource.query<{ before: string }[]>(
      `with part as (insert into file_part (file_id, ordinal, bytes) values ($1, $3, $4)),
         grown as (update file set bytes = bytes + octet_length($4::bytea) where id = $1)
       select coalesce(sum(bytes), 0) as before from file where project_id = $2`,
      [id, projectId, ordinal, part],
    );
    if (Number(row?.before ?? 0) + part.length > this.config.storageLimitBytes) {
      throw storageFull(this.config.storageLimitBytes);
    }
  }
}

/** The refusal of a file that is larger than files may be. */
export function fileTooLarge(limitBytes: number): AppError {
  const message = `The file is larger than ${String(limitBytes)} bytes. Split it.`;
  return new AppError('file_too_large', message, { param: 'file' });
}

/** The refusal of an upload whose project was deleted, or which took so long that nobody waited for it. */
export function deletedMeanwhile(): AppError {
  return new AppError('not_found', 'The file was deleted while it was sent. Send it again.', { param: 'file' });
}

/** The refusal of a project that has used all its room. */
export function storageFull(limitBytes: number): AppError {
  const message = `The files and unfinished batches of the project take all they may, ${String(limitBytes)} bytes. Delete some.`;
  return new AppError('storage_full', message, { shouldRetry: false });
}

function toRefusal(error: unknown): unknown {
  switch (codeOfFailure(error)) {
    case DISK_FULL:
      return new AppError('storage_full', 'The disk of the database is full. Tell whoever runs this server.', {
        cause: error,
      });
    case NO_SUCH_ROW:
      return deletedMeanwhile();
    default:
      return error;
  }
}

// Control characters would end up in headers and in terminals.
function cleanName(name: string): string {
  const last = name.replace(/^.*[\\/]/s, '').replace(/\p{Cc}/gu, '');
  return last.toWellFormed().slice(0, LONGEST_NAME).toWellFormed() || 'file';
}

import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { UploadConfig } from '../../config/upload-config.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import type { FormatHint } from '../parsing/child/messages.js';
import { checkEnd, detectFormat } from './detect-format.js';
import { cleanFileName } from './file-name.js';
import { cutPieces } from '../../http/body/cut-pieces.js';
import type { IncomingFile } from '../../http/body/read-multipart.js';

/** A file that was stored whole. */
export interface StoredUpload {
  id: string;
  /** Its name without folders. */
  fileName: string;
  format: FormatHint;
  sizeBytes: number;
  /** SHA-256 of its bytes, in hexadecimal. */
  contentHash: string;
}

/** A piece is one row and one statement: nothing is held in memory but it, and no transaction waits for a client. */
const PIECE_BYTES = 512 * 1024;

/** Keeps uploaded files in the database, where every replica finds them, until their text is extracted. */
@Injectable()
export class UploadStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: UploadConfig,
  ) {}

  /**
   * Stores a file while it arrives. Throws `invalid_filename`, `unsupported_file_type`, `file_too_large` and `empty_file`,
   * and whatever its stream fails with; nothing is left of it then.
   */
  async receive(projectId: string, file: IncomingFile): Promise<StoredUpload> {
    const fileName = cleanFileName(file.name);
    const id = newId('upl_');
    try {
      return await this.#receive(id, projectId, { ...file, name: fileName });
    } catch (error) {
      // What cannot be removed now is found by the sweeper.
      await this.remove(projectId, id).catch(() => undefined);
      throw error;
    }
  }

  /** Removes a file that belongs to no document. */
  async remove(projectId: string, id: string): Promise<void> {
    await this.dataSource.query(`delete from upload where project_id = $1 and id = $2 and document_id is null`, [
      projectId,
      id,
    ]);
  }

  async #receive(id: string, projectId: string, file: IncomingFile): Promise<StoredUpload> {
    const hash = createHash('sha256');
    let [sizeBytes, ordinal] = [0, 0];
    let format: FormatHint = 'auto';
    let tail: Buffer = Buffer.alloc(0);
    for await (const piece of cutPieces(file.stream, PIECE_BYTES, this.config.limitBytes, tooLarge)) {
      if (ordinal === 0) {
        format = await detectFormat(piece, file.name, file.mediaType);
        await this.#insert(id, projectId, file.name, format);
      }
      await this.dataSource.query(`insert into upload_piece (upload_id, ordinal, bytes) values ($1, $2, $3)`, [
        id,
        ordinal,
        piece,
      ]);
      hash.update(piece);
      tail = Buffer.concat([tail.subarray(-TAIL_BYTES), piece]);
      sizeBytes += piece.length;
      ordinal += 1;
    }
    if (sizeBytes === 0) throw new InvalidRequestError('empty_file', 'The file is empty.', { param: 'file' });
    checkEnd(tail.subarray(-TAIL_BYTES), format);
    const contentHash = hash.digest('hex');
    await this.dataSource.query(
      `update upload set size_bytes = $3, content_hash = $4 where project_id = $1 and id = $2`,
      [projectId, id, sizeBytes, contentHash],
    );
    return { id, fileName: file.name, format, sizeBytes, contentHash };
  }

  async #insert(id: string, projectId: string, fileName: string, format: FormatHint): Promise<void> {
    await this.dataSource.query(`insert into upload (id, project_id, file_name, format) values ($1, $2, $3, $4)`, [
      id,
      projectId,
      fileName,
      format,
    ]);
  }
}

// An archive's end and the longest comment behind it.
const TAIL_BYTES = 22 + 65_535;

function tooLarge(limitBytes: number): AppError {
  const message = `The file is larger than ${String(limitBytes)} bytes. Split it.`;
  return new AppError('file_too_large', message, { param: 'file' });
}

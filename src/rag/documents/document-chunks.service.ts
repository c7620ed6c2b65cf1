import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppError } from '../../core/errors/app-error.js';
import { type ListOf, listOf } from '../../http/list-of.js';
import type { ChunkDto } from './chunk.dto.js';
import { isDocumentId } from './document-id.js';

/** The chunks of documents, as searches see them. */
@Injectable()
export class DocumentChunksService {
  constructor(private readonly dataSource: DataSource) {}

  /** A page of the visible version's chunks; an empty one while none is visible. Throws `not_found` or `invalid_cursor`. */
  async list(
    projectId: string,
    documentId: string,
    { limit, after }: { limit: number; after?: string },
  ): Promise<ListOf<ChunkDto>> {
    const version = await this.#requireVersion(projectId, documentId);
    const key = [projectId, documentId, version];
    const from = after === undefined ? 0 : (await this.#ordinalOf(key, after)) + 1;
    const rows = await this.dataSource.query<ChunkRow[]>(
      `select id, ordinal, text, start_offset, end_offset, page, heading_path from chunk
       where project_id = $1 and document_id = $2 and version = $3 and ordinal >= $4 order by ordinal limit $5`,
      [...key, from, limit + 1],
    );
    return listOf(rows.slice(0, limit).map(toChunkDto), rows.length > limit);
  }

  async #requireVersion(projectId: string, documentId: string): Promise<number> {
    const rows = isDocumentId(documentId)
      ? await this.dataSource.query<{ current_version: number }[]>(
          `select current_version from document where project_id = $1 and id = $2`,
          [projectId, documentId],
        )
      : [];
    const row = rows[0];
    if (!row) throw new AppError('not_found', 'There is no such document.');
    return row.current_version;
  }

  async #ordinalOf(key: unknown[], chunkId: string): Promise<number> {
    // No id has it, and the database refuses it.
    const rows = chunkId.includes('\0')
      ? []
      : await this.dataSource.query<{ ordinal: number }[]>(
          `select ordinal from chunk where project_id = $1 and document_id = $2 and version = $3 and id = $4`,
          [...key, chunkId],
        );
    const row = rows[0];
    if (row) return row.ordinal;
    const message = 'There is no item with the id given in `after`. Use the `last_id` of a page.';
    throw new AppError('invalid_cursor', message, { param: 'after' });
  }
}

interface ChunkRow {
  id: string;
  ordinal: number;
  text: string;
  start_offset: number;
  end_offset: number;
  page: number | null;
  heading_path: string | null;
}

function toChunkDto(row: ChunkRow): ChunkDto {
  const { id, ordinal, text, page } = row;
  return { id, ordinal, text, page, start: row.start_offset, end: row.end_offset, heading_path: row.heading_path };
}

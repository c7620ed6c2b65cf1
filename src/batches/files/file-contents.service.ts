import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ResultLines } from '../store/result-lines.service.js';
import type { StoredFile } from './stored-file.js';

/** Reads the bytes of files, a part at a time. */
@Injectable()
export class FileContents {
  constructor(
    private readonly dataSource: DataSource,
    private readonly results: ResultLines,
  ) {}

  /** The content from its beginning; nothing is read ahead of whoever reads. */
  async *read({ id, batchId }: Pick<StoredFile, 'id' | 'batchId'>): AsyncGenerator<Buffer> {
    if (batchId !== null) {
      for await (const text of this.results.read(batchId, await this.#statusShownBy(id, batchId)))
        yield Buffer.from(text);
      return;
    }
    for (let ordinal = 0; ; ordinal += 1) {
      const [part] = await this.dataSource.query<{ bytes: Buffer }[]>(
        'select bytes from file_part where file_id = $1 and ordinal = $2',
        [id, ordinal],
      );
      if (!part) return;
      yield part.bytes;
    }
  }

  async #statusShownBy(id: string, batchId: string): Promise<'succeeded' | 'failed'> {
    const rows = await this.dataSource.query<unknown[]>('select 1 from batch where id = $1 and output_file_id = $2', [
      batchId,
      id,
    ]);
    return rows.length > 0 ? 'succeeded' : 'failed';
  }
}

import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const MOST_LINES = 500;
/** Of results that are in memory at once, but for one that is larger by itself. */
const MOST_BYTES = 1024 * 1024;

/** Reads the results of batches as JSON lines. */
@Injectable()
export class ResultLines {
  constructor(private readonly dataSource: DataSource) {}

  /** The results that are there, in the order of the lines, several in a piece; those with a status, or all of them. */
  async *read(batchId: string, status: 'succeeded' | 'failed' | null): AsyncGenerator<string> {
    for (let last = -1; ;) {
      const rows = await this.dataSource.query<{ ordinal: number; result: string }[]>(
        `select ordinal, result from (
           select ordinal, result, sum(octet_length(result)) over (order by ordinal) - octet_length(result) as before from (
             select ordinal, result from batch_line
             where batch_id = $1 and ordinal > $2 and result is not null and ($3::text is null or status = $3)
             order by ordinal limit $4) page) sized
         where before < $5 order by ordinal`,
        [batchId, last, status, MOST_LINES, MOST_BYTES],
      );
      const end = rows.at(-1);
      if (!end) return;
      last = end.ordinal;
      yield rows.map(({ result }) => `${result}\n`).join('');
    }
  }
}

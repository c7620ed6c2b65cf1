import type { DataSource } from 'typeorm';
import type { ResponseStatus } from './stored-response.js';

/** How a response stands, whosever it is; null for one that is gone. */
export async function readStatus(dataSource: DataSource, id: string): Promise<ResponseStatus | null> {
  const [row] = await dataSource.query<{ status: ResponseStatus }[]>('select status from response where id = $1', [id]);
  return row?.status ?? null;
}

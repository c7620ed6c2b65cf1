import type { EntityManager } from 'typeorm';
import type { JobError } from '../../jobs/job.js';

/** Which lines are ended without an answer. */
export type Ended =
  /** All that have no result yet. */
  | 'open'
  /** Those that somebody was at work on so often already, and died each time. */
  | { readonly triedAtLeast: number };

/** Writes the results of lines that nobody will answer any more, and counts them. */
export async function endLines(manager: EntityManager, batchId: string, which: Ended, error: JobError): Promise<void> {
  const { code, message } = error;
  const [statuses, tries] = which === 'open' ? [['queued', 'running'], 0] : [['running'], which.triedAtLeast];
  await manager.query(
    `with ended as (
       update batch_line set status = 'failed', body = null,
         result = '{"id":"batch_req_' || upper(substr(md5(batch_id || '/' || ordinal), 1, 24)) || '","custom_id":'
           || to_json(custom_id)::text || $2
       where batch_id = $1 and status = any($3) and tries >= $4
       returning octet_length(result) + 1 as bytes)
     update batch set failed = failed + sums.lines, error_bytes = error_bytes + sums.bytes
     from (select count(*)::int as lines, coalesce(sum(bytes), 0) as bytes from ended) sums where id = $1`,
    [batchId, `,"response":null,"error":${JSON.stringify({ code, message })}}`, statuses, tries],
  );
}

import type { EntityManager } from 'typeorm';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonObject } from '../../core/json.js';
import type { OverJob } from '../../jobs/job-kind.js';
import { toLoggedEvent } from './event-log.js';
import { insertEvents } from './event-store.js';
import type { ResponseJobPayload } from './response-job.js';

interface JobEnd {
  status: string;
  error_code: string | null;
  error_message: string | null;
}

interface OpenRow {
  body: string;
  is_streamed: boolean;
  next: number;
}

/**
 * Ends a response whose job will not go on: it was cancelled, or nobody could answer. One that has its end already keeps it.
 * For the transaction that ends the job.
 */
export async function closeUnanswered(manager: EntityManager, job: OverJob<ResponseJobPayload>): Promise<void> {
  const { projectId, payload } = job;
  const [row] = await manager.query<OpenRow[]>(
    `select body, is_streamed, (select coalesce(max(sequence) + 1, 0) from response_event event
       where event.response_id = response.id) as next
     from response where project_id = $1 and id = $2 and status in ('queued', 'in_progress') for update`,
    [projectId, payload.responseId],
  );
  if (!row) return;
  const [end] = await manager.query<JobEnd[]>('select status, error_code, error_message from job where id = $1', [
    job.id,
  ]);
  const isCancelled = end?.status === 'cancelled';
  const body: JsonObject = {
    ...(parseExactJson(row.body) as JsonObject),
    status: isCancelled ? 'cancelled' : 'failed',
    error: isCancelled ? null : toResponseError(end),
  };
  await manager.query('update response set status = $2, body = $3, request = null, finished_at = now() where id = $1', [
    payload.responseId,
    isCancelled ? 'cancelled' : 'failed',
    JSON.stringify(body),
  ]);
  if (isCancelled || !row.is_streamed) return;
  const failed = { type: 'response.failed', sequence_number: row.next, response: body };
  await insertEvents(manager, payload.responseId, [toLoggedEvent(failed, row.next)]);
}

// The codes of failed responses are a closed list of OpenAI's: ours stands before the message.
function toResponseError(end: JobEnd | undefined): JsonObject {
  const code = end?.error_code ?? 'internal_error';
  return { code: 'server_error', message: `${code}: ${end?.error_message ?? 'The response could not be completed.'}` };
}

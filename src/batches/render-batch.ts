import type { JsonObject } from '../core/json.js';
import type { BatchRow, BatchStatus } from './store/stored-batch.js';

/** At which times of OpenAI's a status came about. */
const ENDS: Readonly<Partial<Record<BatchStatus, readonly string[]>>> = {
  completed: ['finalizing_at', 'completed_at'],
  expired: ['finalizing_at', 'expired_at'],
  cancelled: ['cancelling_at', 'cancelled_at'],
  failed: ['failed_at'],
};

/** A batch in OpenAI's form; what is not there yet is left out. */
export function renderBatch(row: BatchRow): JsonObject {
  const { id, endpoint, status, total, completed, failed } = row;
  return {
    ...{
      id,
      object: 'batch',
      endpoint,
      input_file_id: row.input_file_id,
      completion_window: row.completion_window,
      status,
    },
    ...(row.errors && { errors: { object: 'list', data: row.errors.map((problem) => ({ ...problem })) } }),
    ...(row.output_file_id !== null && { output_file_id: row.output_file_id }),
    ...(row.error_file_id !== null && { error_file_id: row.error_file_id }),
    created_at: toUnixSeconds(row.created_at),
    expires_at: toUnixSeconds(row.expires_at),
    ...(row.in_progress_at && { in_progress_at: toUnixSeconds(row.in_progress_at) }),
    ...timesOfEnd(row),
    request_counts: { total, completed, failed },
    usage: renderUsage(row),
    metadata: row.metadata,
    cost_usd: Number(row.cost_usd),
    job_id: row.job_id,
    ...(row.webhook_id !== null && { webhook_id: row.webhook_id }),
  };
}

function timesOfEnd({ status, finished_at: finishedAt }: BatchRow): JsonObject {
  if (!finishedAt) return {};
  return Object.fromEntries((ENDS[status] ?? []).map((name) => [name, toUnixSeconds(finishedAt)]));
}

function renderUsage(row: BatchRow): JsonObject {
  const [input, output] = [Number(row.input_tokens), Number(row.output_tokens)];
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: Number(row.cached_tokens) },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: Number(row.reasoning_tokens) },
    total_tokens: input + output,
  };
}

function toUnixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}

import type { EntityManager } from 'typeorm';
import { newId } from '../../core/ids.js';
import type { JobError } from '../../jobs/job.js';
import { endLines } from './end-lines.js';
import type { BatchStatus } from './stored-batch.js';

const WINDOW_OVER = {
  code: 'batch_expired',
  message: 'This request could not be executed before the completion window expired.',
};
const CANCELLED = { code: 'batch_cancelled', message: 'The batch was cancelled before this request was answered.' };

type End = Extract<BatchStatus, 'completed' | 'expired' | 'cancelled' | 'failed'>;

interface ClosingRow {
  project_id: string;
  status: BatchStatus;
  completed: number;
  failed: number;
  output_bytes: string;
  error_bytes: string;
  kept_seconds: number;
}

/**
 * Ends a batch, once: lines without a result get an error as theirs, and both files are shown. For the transaction that ends
 * its job. `error` says why it failed.
 */
export async function closeBatch(
  manager: EntityManager,
  batchId: string,
  { status, error, keptDays }: { status: End; error?: JobError; keptDays: number },
): Promise<void> {
  const [open] = await manager.query<{ status: BatchStatus }[]>(
    'select status from batch where id = $1 and finished_at is null for update',
    [batchId],
  );
  if (!open) return;
  // What was never begun has no results: its mistakes are the batch's.
  if (open.status === 'validating') await dropLines(manager, batchId, error);
  else if (status !== 'completed') await endLines(manager, batchId, 'open', reasonOf(status, error));
  const [row] = await manager.query<ClosingRow[]>(
    `select project_id, status, completed, failed, output_bytes, error_bytes,
       coalesce(output_kept_seconds, $2 * 86400) as kept_seconds from batch where id = $1`,
    [batchId, keptDays],
  );
  if (!row) return;
  const output = row.completed > 0 ? await showFile(manager, batchId, row, 'output') : null;
  const errors = row.failed > 0 ? await showFile(manager, batchId, row, 'error') : null;
  await manager.query(
    `update batch set status = $2, finished_at = now(), output_file_id = $3, error_file_id = $4 where id = $1`,
    [batchId, status, output, errors],
  );
}

function reasonOf(status: End, error: JobError | undefined): JobError {
  if (status === 'expired') return WINDOW_OVER;
  return status === 'cancelled' || !error ? CANCELLED : error;
}

async function dropLines(manager: EntityManager, batchId: string, error: JobError | undefined): Promise<void> {
  await manager.query('delete from batch_line where batch_id = $1', [batchId]);
  if (!error) return;
  const problems = [{ ...error, param: null, line: null }];
  await manager.query('update batch set errors = coalesce(errors, $2::jsonb) where id = $1', [
    batchId,
    JSON.stringify(problems),
  ]);
}

async function showFile(
  manager: EntityManager,
  batchId: string,
  row: ClosingRow,
  kind: 'output' | 'error',
): Promise<string> {
  const id = newId('file-');
  await manager.query(
    `insert into file (id, project_id, name, purpose, bytes, is_whole, batch_id, expires_at)
     values ($1, $2, $3, 'batch_output', $4, true, $5, now() + make_interval(secs => $6))`,
    [
      ...[id, row.project_id, `${batchId}_${kind}.jsonl`],
      ...[kind === 'output' ? row.output_bytes : row.error_bytes, batchId, row.kept_seconds],
    ],
  );
  return id;
}

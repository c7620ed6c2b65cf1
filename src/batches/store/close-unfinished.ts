import type { EntityManager } from 'typeorm';
import type { OverJob } from '../../jobs/job-kind.js';
import type { BatchJobPayload } from '../batch-job.js';
import { closeBatch } from './close-batch.js';

interface JobEnd {
  status: string;
  error_code: string | null;
  error_message: string | null;
}

/** Ends a batch whose job was cancelled, failed or was lost. For the transaction that says so. */
export async function closeUnfinished(
  manager: EntityManager,
  { id, payload }: OverJob<BatchJobPayload>,
  keptDays: number,
): Promise<void> {
  const [job] = await manager.query<JobEnd[]>('select status, error_code, error_message from job where id = $1', [id]);
  if (job?.status === 'cancelled') {
    await closeBatch(manager, payload.batchId, { status: 'cancelled', keptDays });
    return;
  }
  const error = {
    code: job?.error_code ?? 'internal_error',
    message: job?.error_message ?? 'The batch could not be completed.',
  };
  await closeBatch(manager, payload.batchId, { status: 'failed', error, keptDays });
}

import type { EntityManager } from 'typeorm';
import { AppError } from '../core/errors/app-error.js';
import { hasScope, type Principal } from '../core/principal.js';
import { codeOfFailure } from '../database/statement-failure.js';
import type { Job } from './job.js';
import type { JobKind } from './job-kind.js';
import type { JobStore } from './job-store.js';

const UNIQUE_VIOLATION = '23505';

/**
 * Marks a job that is over as queued again, in the name of the principal. Throws `invalid_state`, `insufficient_scope`,
 * or `conflict` when another unfinished job has its dedupe key.
 */
export async function reviveJob(
  store: JobStore,
  manager: EntityManager,
  { job, principal, kind }: { job: Job; principal: Principal; kind: JobKind | undefined },
): Promise<void> {
  const { scope, retryRefusal } = kind ?? {};
  if (scope !== undefined && !hasScope(principal, scope)) {
    throw new AppError('insufficient_scope', `The key lacks the scope \`${scope}\`, which this job needs.`);
  }
  if (retryRefusal !== undefined) throw new AppError('invalid_state', retryRefusal, { param: 'id' });
  let isRevived: boolean;
  try {
    isRevived = await store.revive(manager, principal.projectId, job.id, principal.keyId);
  } catch (error) {
    if (codeOfFailure(error) !== UNIQUE_VIOLATION) throw error;
    throw new AppError('conflict', 'Another job that is not over does the same already.', { cause: error });
  }
  if (isRevived) return;
  const state = job.status === 'succeeded' ? 'has succeeded' : 'is not over';
  throw new AppError('invalid_state', `The job ${state}; only one that failed or was cancelled can be tried again.`);
}

import { AppError } from '../../core/errors/app-error.js';
import type { ErrorCode } from '../../core/errors/error-codes.js';
import { JobFailure, JobPostponement, type RunningJob } from '../../jobs/job.js';
import { isBeyondLimit, toPostponement } from './to-postponement.js';

/** Trying the same again cannot mend these. */
const PERMANENT: ReadonlySet<string> = new Set(['invalid-request', 'not-found', 'permission', 'conflict', 'too-large']);
/** What passes by itself, soon. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'upstream_rate_limited',
  'upstream_overloaded',
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_error',
  'no_healthy_upstream',
  'overloaded',
]);
/** What somebody has to see to. */
const MENDABLE: ReadonlySet<ErrorCode> = new Set([
  'upstream_auth_failed',
  'upstream_quota_exhausted',
  'upstream_model_unavailable',
  'dependency_unavailable',
]);
/** A job waits this long for an embedding model to come back before it fails. */
const PATIENCE_MS = 24 * 3_600_000;
const LONGEST_PAUSE_MS = 300_000;

/** Whether an error comes from a provider that only needs a moment. */
export function isPassing(error: unknown): boolean {
  return error instanceof AppError && PASSING.has(error.code);
}

/**
 * What an error means for the job that met it: a JobFailure when trying again cannot help, a JobPostponement when it has to
 * wait for a limit or a provider, else the error itself, which uses up one of the job's attempts.
 */
export function toJobOutcome(
  error: unknown,
  job: Pick<RunningJob<never>, 'signal' | 'startedAtMs' | 'attempt'>,
  nowMs: number,
): unknown {
  if (job.signal.aborted || !(error instanceof AppError)) return error;
  const { code, message, retryAfterMs } = error;
  const postponement = toPostponement(error);
  if (postponement) return postponement;
  if (PERMANENT.has(error.category) || isBeyondLimit(error)) return new JobFailure(code, message, { cause: error });
  if (!PASSING.has(code) && !MENDABLE.has(code)) return error;
  if (nowMs - job.startedAtMs > PATIENCE_MS) return new JobFailure(code, message, { cause: error });
  const pauseMs = Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** Math.min(job.attempt, 10));
  return new JobPostponement(code, message, Math.max(retryAfterMs ?? 0, pauseMs), { cause: error });
}

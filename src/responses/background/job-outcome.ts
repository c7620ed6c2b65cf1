import type { AppError } from '../../core/errors/app-error.js';
import { JobPostponement } from '../../jobs/job.js';
import { JobInterruption } from '../../jobs/job-interruption.js';

/** A response waits this long for the limits of its key. */
const PATIENCE_MS = 3_600_000;
const USUAL_PAUSE_MS = 2_000;

/** How long a response waits for what its key may not have now; null for what waiting does not mend, or not in time. */
export function toPostponement(error: AppError, waitedMs: number): JobPostponement | null {
  const { code, message, retryAfterMs = USUAL_PAUSE_MS, shouldRetry } = error;
  if (code !== 'rate_limit_exceeded' && code !== 'concurrency_limit') return null;
  if (shouldRetry === false || waitedMs > PATIENCE_MS) return null;
  return new JobPostponement(code, message, retryAfterMs, { cause: error });
}

/** Whether an attempt has to stop because its process does. */
export function isShuttingDown({ reason }: AbortSignal): boolean {
  return reason instanceof JobInterruption && reason.reason === 'shutting-down';
}

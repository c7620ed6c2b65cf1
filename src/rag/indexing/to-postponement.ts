import { AppError } from '../../core/errors/app-error.js';
import { JobPostponement } from '../../jobs/job.js';

// The key's own limits and budgets: they let the job through another time.
const WAITED_FOR: ReadonlySet<string> = new Set(['rate_limit_exceeded', 'concurrency_limit', 'insufficient_quota']);

/** How long a job waits for what its key may not have now; null for an error that waiting does not mend. */
export function toPostponement(error: unknown): JobPostponement | null {
  if (!(error instanceof AppError) || !WAITED_FOR.has(error.code) || isBeyondLimit(error)) return null;
  return new JobPostponement(error.code, error.message, error.retryAfterMs ?? Infinity, { cause: error });
}

/** Whether it is more than a limit allows at any time; a budget is spent for its window only, and may be raised. */
export function isBeyondLimit({ code, shouldRetry }: AppError): boolean {
  return shouldRetry === false && (code === 'rate_limit_exceeded' || code === 'concurrency_limit');
}

import type { JobOutcome } from '../core/telemetry/work-telemetry.js';
import { JobFailure, JobPostponement } from './job.js';
import { JobInterruption } from './job-interruption.js';

/** How an attempt ended that threw `error`, which counts for nothing when it was told to stop. */
export function jobOutcomeOf(error: unknown, stop: AbortSignal, isLast: boolean): JobOutcome {
  const cause: unknown = stop.reason ?? error;
  if (cause instanceof JobInterruption) return cause.reason === 'shutting-down' ? 'interrupted' : cause.reason;
  if (error instanceof JobPostponement) return 'postponed';
  return isLast || error instanceof JobFailure ? 'failed' : 'retried';
}

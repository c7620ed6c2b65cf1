import { AppError } from '../core/errors/app-error.js';
import { type JobError, JobFailure, JobPostponement } from './job.js';

/** Errors of our own are safe to show; others may carry anything. */
export function toJobError(error: unknown): JobError {
  if (error instanceof AppError || error instanceof JobFailure || error instanceof JobPostponement) {
    return { code: error.code, message: error.message };
  }
  return { code: 'internal_error', message: 'The job failed unexpectedly. The log of the server says more.' };
}

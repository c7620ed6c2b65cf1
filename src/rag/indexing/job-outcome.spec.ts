import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../core/errors/app-error.js';
import type { ErrorCode } from '../../core/errors/error-codes.js';
import { JobFailure, JobPostponement } from '../../jobs/job.js';
import { toJobOutcome } from './job-outcome.js';

const HOUR_MS = 3_600_000;
const job = { signal: new AbortController().signal, startedAtMs: 0, attempt: 3 };

describe('toJobOutcome', () => {
  it.each<ErrorCode>(['upstream_rejected_request', 'model_not_found', 'model_not_allowed', 'embedding_model_mismatch'])(
    'ends the job for %s',
    (code) => {
      expect(toJobOutcome(new AppError(code, 'm'), job, 0)).toMatchObject({ name: 'JobFailure', code });
    },
  );

  it.each<ErrorCode>(['upstream_error', 'upstream_overloaded', 'upstream_auth_failed', 'upstream_quota_exhausted'])(
    'lets the job wait for %s, for a day',
    (code) => {
      const error = new AppError(code, 'm');
      expect(toJobOutcome(error, job, 23 * HOUR_MS)).toMatchObject({ name: 'JobPostponement', delayMs: 8_000 });
      expect(toJobOutcome(error, job, 25 * HOUR_MS)).toBeInstanceOf(JobFailure);
    },
  );

  it('waits as long as it is told to, and ever longer otherwise, five minutes at most', () => {
    const told = new AppError('upstream_rate_limited', 'm', { retryAfterMs: 45_000 });
    expect(toJobOutcome(told, job, 0)).toMatchObject({ delayMs: 45_000 });
    const late = toJobOutcome(new AppError('upstream_timeout', 'm'), { ...job, attempt: 60 }, 0);
    expect(late).toMatchObject({ delayMs: 300_000 });
  });

  it('waits for limits of the key without an end, but not for what they never let through', () => {
    const spent = new AppError('insufficient_quota', 'm', { shouldRetry: false });
    expect(toJobOutcome(spent, job, 99 * HOUR_MS)).toBeInstanceOf(JobPostponement);
    const beyond = new AppError('rate_limit_exceeded', 'm', { shouldRetry: false });
    expect(toJobOutcome(beyond, job, 0)).toBeInstanceOf(JobFailure);
  });

  it('leaves alone what it does not know, and what befell a job that was stopped', () => {
    const stopped = { ...job, signal: AbortSignal.abort() };
    for (const [error, at] of [
      [new Error('odd'), job],
      [new AppError('malformed_response', 'm'), job],
      [new AppError('upstream_error', 'm'), stopped],
    ] as const) {
      expect(toJobOutcome(error, at, 0)).toBe(error);
    }
  });
});

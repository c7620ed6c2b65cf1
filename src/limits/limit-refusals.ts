import { AppError, type AppErrorOptions } from '../core/errors/app-error.js';
import type { LimitKind, LimitTerms } from './limit-terms.js';

const NAMES: Readonly<Record<LimitKind, string>> = {
  requests: 'requests a minute',
  tokens: 'tokens a minute',
  concurrency: 'requests under way at once',
};

/** 429: a limit turned a request away. */
export class LimitRefusedError extends AppError {
  readonly terms: LimitTerms;

  constructor(terms: LimitTerms, message: string, options: AppErrorOptions) {
    super(terms.kind === 'concurrency' ? 'concurrency_limit' : 'rate_limit_exceeded', message, options);
    this.terms = terms;
  }
}

/** A request that has to wait; `remaining` is what a limit of the minute still allows. */
export function limitReached(
  terms: LimitTerms,
  needed: number,
  { retryAfterMs, remaining }: { retryAfterMs: number; remaining: number },
): LimitRefusedError {
  const limit = `The limit of ${String(terms.limit)} ${NAMES[terms.kind]} of this ${terms.owner}`;
  if (terms.kind === 'concurrency') {
    const message = `${limit} is reached. Send the request again when one of them is over.`;
    return new LimitRefusedError(terms, message, { retryAfterMs });
  }
  const wait = `Try again in ${String(Math.ceil(retryAfterMs / 1000))} s, when the next minute begins.`;
  const detail =
    terms.kind === 'tokens'
      ? `has ${String(remaining)} left, and this request may need ${String(needed)}.`
      : 'is used up.';
  return new LimitRefusedError(terms, `${limit} ${detail} ${wait}`, { retryAfterMs });
}

/** A request that is more than a limit ever allows: waiting does not help. */
export function beyondLimit(terms: LimitTerms, needed: number): LimitRefusedError {
  const limit = `the limit of ${String(terms.limit)} ${NAMES[terms.kind]} of this ${terms.owner}`;
  const message =
    terms.kind === 'tokens'
      ? `This request may need ${String(needed)} tokens, which is more than ${limit}. ` +
        'Send a shorter prompt, ask for fewer output tokens, or have the limit raised.'
      : `Nothing fits into ${limit}. Have the limit raised.`;
  return new LimitRefusedError(terms, message, { shouldRetry: false });
}

/** 503 for a request whose limits nobody can look up. */
export function limitsUnavailable(cause: unknown): AppError {
  return new AppError('dependency_unavailable', 'The limits of this key cannot be checked at the moment. Try again.', {
    cause,
  });
}

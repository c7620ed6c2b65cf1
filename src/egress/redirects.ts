import type { Dispatcher } from 'undici';
import { AppError, InvalidRequestError } from '../core/errors/app-error.js';
import { fetchFailed } from './egress-errors.js';
import type { EgressPolicy } from './egress-policy.js';
import { textOf } from './read-resource.js';

const MAX_HOPS = 3;

type Head = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers'>;

/** Where a fetch stands when it is sent elsewhere. */
interface Journey {
  /** Redirects that were followed already. */
  readonly hops: number;
  readonly method: string;
  readonly policy: EgressPolicy;
  readonly isTrusted?: boolean;
}

/** Whether the answer sends whoever reads it elsewhere, as browsers understand it. */
export function isRedirect({ statusCode, headers }: Head): boolean {
  return (statusCode >= 300 && statusCode < 400) || headers.refresh !== undefined;
}

/**
 * Where the answer to a request for `url` leads, if that may be used: at most 3 times, by GET, not from https to http, and
 * under all rules for URLs. Throws `url_not_allowed`, or `url_fetch_failed` where redirects are not followed at all.
 */
export function nextHop(url: URL, { statusCode, headers }: Head, journey: Journey): URL {
  if (journey.method !== 'GET' || journey.isTrusted === true || statusCode === 304) throw fetchFailed();
  const target = statusCode < 300 ? null : targetOf(url, textOf(headers.location));
  if (!target || journey.hops >= MAX_HOPS) throw refused();
  try {
    return journey.policy.checkUrl(target.href);
  } catch (error) {
    throw error instanceof AppError ? refused(error) : error;
  }
}

// Null where there is none that could be followed.
function targetOf(url: URL, location: string): URL | null {
  const target = location === '' ? null : URL.parse(location, url.href);
  const isDowngrade = url.protocol === 'https:' && target?.protocol === 'http:';
  return isDowngrade ? null : target;
}

function refused(cause?: unknown): InvalidRequestError {
  return new InvalidRequestError(
    'url_not_allowed',
    'The URL may not be used: it redirects too often, or to an address that may not be used. Send the final URL.',
    { cause },
  );
}

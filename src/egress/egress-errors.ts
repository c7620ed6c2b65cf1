import { type AppErrorOptions, InvalidRequestError } from '../core/errors/app-error.js';

// One text for a host that does not exist, one that is private and one that is mixed: who asks learns nothing of our network.
const HOST_REFUSED =
  'The URL may not be used: its host is not a public address that can be reached from here. ' +
  'Send a URL on a public host, or have its addresses added to EGRESS_ALLOW.';
const FETCH_FAILED =
  'The URL could not be fetched. Check that it can be reached and answers in time, or send the data itself.';

/** The host, or what it resolves to, may not be reached. */
export function hostRefused(options: AppErrorOptions = {}): InvalidRequestError {
  return new InvalidRequestError('url_not_allowed', HOST_REFUSED, options);
}

/** The URL may be used and gave nothing that can; one text for every reason, so that it tells nothing about open ports. */
export function fetchFailed(options: AppErrorOptions = {}): InvalidRequestError {
  return new InvalidRequestError('url_fetch_failed', FETCH_FAILED, options);
}

/** What is at the URL has more bytes than are wanted. */
export function resourceTooLarge(maxBytes: number, options: AppErrorOptions = {}): InvalidRequestError {
  const message = `What is at the URL is larger than ${String(maxBytes)} bytes. Send something smaller.`;
  return new InvalidRequestError('url_too_large', message, options);
}

import { ProviderError, type ProviderErrorKind } from '../provider-error.js';
import { sanitizeMessage } from './sanitize-message.js';

/** What a provider said about a failure, in a body or in a stream, still in its own words. */
export interface UpstreamFailure {
  kind: ProviderErrorKind;
  status?: number;
  message?: string;
  param?: string;
  retryAfterMs?: number;
}

const MESSAGES: Readonly<Record<ProviderErrorKind, string>> = {
  unreachable: 'No connection to the provider could be made.',
  'connect-timeout': 'The provider did not accept a connection in time.',
  timeout: 'The provider did not answer in time.',
  interrupted: 'The provider broke off in the middle of its answer.',
  'rate-limited': 'The provider limits the rate of requests.',
  'quota-exhausted': "The provider's quota for this credential is spent.",
  'server-error': 'The provider failed.',
  overloaded: 'The provider is overloaded.',
  authentication: 'The provider refused the credential.',
  permission: 'The provider does not allow this to the credential.',
  'invalid-request': 'The provider rejected the request.',
  'context-length': "The request is longer than the model's context window.",
  'content-filter': "The provider's content filter rejected the request.",
  'model-not-found': 'The provider does not know the model.',
  malformed: "The provider's answer could not be understood.",
  'too-large': "The provider's answer is larger than the gateway accepts.",
  redirect: 'The provider answered with a redirect, which is never followed.',
  aborted: 'The request was cancelled.',
};

/** Failures that are the request's own, where the client needs the provider's words to mend it. */
const EXPLAINED = new Set<ProviderErrorKind>(['invalid-request', 'context-length', 'content-filter']);

/** The error to throw. The provider's words are kept, sanitised, only where the client's request is at fault. */
export function toProviderError(failure: UpstreamFailure, credential: string | null): ProviderError {
  const { kind, status, retryAfterMs } = failure;
  const isExplained = EXPLAINED.has(kind);
  const theirs = isExplained && failure.message !== undefined ? sanitizeMessage(failure.message, credential) : null;
  const param = isExplained && failure.param !== undefined ? sanitizeMessage(failure.param, credential) : null;
  const message = theirs === null ? MESSAGES[kind] : `The provider rejected the request: ${theirs}`;
  return new ProviderError(kind, message, { status, retryAfterMs, param: param ?? undefined });
}

import type { ProviderErrorKind } from '../provider-error.js';

const KINDS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'authentication',
  402: 'quota-exhausted',
  403: 'permission',
  404: 'model-not-found',
  408: 'timeout',
  409: 'server-error',
  429: 'rate-limited',
  503: 'overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'overloaded',
};

/** What a failure status means when the body says nothing more exact. */
export function kindOfStatus(status: number): ProviderErrorKind {
  return KINDS[status] ?? (status >= 400 && status < 500 ? 'invalid-request' : 'server-error');
}

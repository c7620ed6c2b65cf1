import { errors } from 'undici';
import { ProviderError } from '../provider-error.js';

/** How far a request had come: no connection yet, no response head yet, or in the middle of the body. */
export type ExchangePhase = 'connecting' | 'waiting' | 'reading';

const CONNECT_TIMEOUT_CODES = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);
const NAME_CODES = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const TLS_CODE = /^ERR_(TLS|SSL)_|CERT|^UNABLE_TO_|^EPROTO$|^HOSTNAME_MISMATCH$/;

/** Says in our words what broke below HTTP. Decides by error class, code and phase, never by what the provider wrote. */
export function toTransportError(error: unknown, phase: ExchangePhase): ProviderError {
  if (error instanceof ProviderError) return error;
  const code = codeOf(error);
  const options = { cause: error };
  if (phase === 'reading') {
    return new ProviderError(
      'interrupted',
      'The connection to the provider broke in the middle of its answer.',
      options,
    );
  }
  if (phase === 'connecting') {
    return CONNECT_TIMEOUT_CODES.has(code)
      ? new ProviderError('connect-timeout', 'The provider did not accept a connection in time.', options)
      : new ProviderError('unreachable', 'No connection to the provider could be made.', {
          ...options,
          maxRetries: maxRetriesOf(code),
        });
  }
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW' || isUpgrade(error)) {
    return new ProviderError('malformed', 'The provider did not answer in valid HTTP.', options);
  }
  return new ProviderError('unreachable', 'The provider closed the connection before it answered.', options);
}

// A name that is not found may be found a moment later; a certificate that is refused stays refused.
function maxRetriesOf(code: string): number | undefined {
  if (NAME_CODES.has(code)) return 1;
  return TLS_CODE.test(code) ? 0 : undefined;
}

// The library has no code of its own for a 101 that nobody asked for: the words are its own, not the provider's.
function isUpgrade(error: unknown): boolean {
  return error instanceof errors.SocketError && error.message === 'bad upgrade';
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/**
 * What went wrong upstream, from a closed set (also a metric label).
 * `timeout` is silence past a timer; `interrupted` is a stream that broke or ended without its terminal event.
 */
export type ProviderErrorKind =
  | 'unreachable'
  | 'connect-timeout'
  | 'timeout'
  | 'interrupted'
  | 'rate-limited'
  | 'quota-exhausted'
  | 'server-error'
  | 'overloaded'
  | 'authentication'
  | 'permission'
  | 'invalid-request'
  | 'context-length'
  | 'content-filter'
  | 'model-not-found'
  | 'malformed'
  | 'too-large'
  | 'redirect'
  | 'aborted';

export interface ProviderErrorOptions {
  status?: number;
  /** What the provider asked us to wait, already parsed and never negative. */
  retryAfterMs?: number;
  param?: string;
  /** How often the same target may be tried again at most, where the kind alone says too much (DNS: 1, TLS: 0). */
  maxRetries?: number;
  /** The adapter knows now how to put the same request so that the same target may take it: it is to be sent again at once. */
  sendAgain?: boolean;
  cause?: unknown;
}

/** The only thing an adapter throws. Its message is ours; text from upstream is in it only when it was sanitised. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderErrorKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly param: string | undefined;
  readonly maxRetries: number | undefined;
  readonly sendAgain: boolean;

  constructor(kind: ProviderErrorKind, message: string, options: ProviderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.param = options.param;
    this.maxRetries = options.maxRetries;
    this.sendAgain = options.sendAgain ?? false;
  }
}

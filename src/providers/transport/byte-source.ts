import type { ProviderError } from '../provider-error.js';

/** The bytes of one response body, taken piece by piece. */
export interface ByteSource {
  /** True when the bytes were made larger here than they came: nobody but a broken provider goes past a limit that way. */
  readonly isInflated?: boolean;
  /** The next piece, or null after the last one; rejects with ProviderError when the body broke. */
  read(): Promise<Uint8Array | null>;
  /** Closes the connection at once; a read that waits, and every later one, rejects with `reason`. */
  destroy(reason?: ProviderError): void;
  /** Nothing more is wanted of a body that is all but over: lets it end, so that its connection can be used again. */
  release(): void;
}

import type { Clock } from '../../core/clock.js';
import { ProviderError } from '../provider-error.js';
import type { ByteSource } from './byte-source.js';

export interface ReadOptions {
  limitBytes: number;
  /** For the whole body; undefined leaves it to whoever can destroy the source. */
  timeoutMs?: number;
  clock: Clock;
}

/** The whole body as UTF-8 text. Past the limit or the time it destroys the connection: `too-large`, `timeout`. */
export async function readText(source: ByteSource, options: ReadOptions): Promise<string> {
  const { limitBytes, timeoutMs, clock } = options;
  const cancel =
    timeoutMs === undefined
      ? undefined
      : clock.schedule(() => {
          source.destroy(new ProviderError('timeout', 'The provider did not finish its answer in time.'));
        }, timeoutMs);
  try {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (let piece = await source.read(); piece; piece = await source.read()) {
      bytes += piece.byteLength;
      if (bytes > limitBytes) throw tooLarge(source);
      pieces.push(piece);
    }
    const [only] = pieces;
    if (pieces.length === 1 && only) return Buffer.from(only.buffer, only.byteOffset, only.byteLength).toString('utf8');
    return Buffer.concat(pieces, bytes).toString('utf8');
  } finally {
    cancel?.();
  }
}

/** Destroys the connection of an answer that is past its limit, and says so; `malformed` when it came compressed. */
export function tooLarge(source: ByteSource): ProviderError {
  const error = source.isInflated
    ? new ProviderError(
        'malformed',
        "The provider's answer is larger than the gateway accepts once it is decompressed.",
      )
    : new ProviderError('too-large', "The provider's answer is larger than the gateway accepts.");
  source.destroy(error);
  return error;
}

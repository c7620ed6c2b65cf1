import { Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ProviderError } from '../provider-error.js';
import type { ByteSource } from './byte-source.js';

// Flushing gives out what is there: an event of a stream must not wait until a block of the compression is full.
const ZLIB_OPTIONS = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI_OPTIONS = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(ZLIB_OPTIONS),
  'x-gzip': () => createGunzip(ZLIB_OPTIONS),
  deflate: () => createInflate(ZLIB_OPTIONS),
  br: () => createBrotliDecompress(BROTLI_OPTIONS),
};

/** The body behind its content encoding; the source itself when it has none. Throws ProviderError for an unknown one. */
export function decodeBody(source: ByteSource, encoding: string | null): ByteSource {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return source;
  const createDecoder = DECODERS[name];
  if (createDecoder) return new DecodedBody(source, createDecoder());
  const error = new ProviderError('malformed', 'The provider answered in a compression that was not asked for.');
  source.destroy(error);
  throw error;
}

class DecodedBody implements ByteSource {
  readonly isInflated = true;
  readonly #source: ByteSource;
  readonly #decoder: Transform;
  readonly #pieces: AsyncIterator<Uint8Array>;
  #error: ProviderError | null = null;

  constructor(source: ByteSource, decoder: Transform) {
    this.#source = source;
    this.#decoder = decoder;
    const input = Readable.from(piecesOf(source), { objectMode: false, highWaterMark: 64 * 1024 });
    input.on('error', (error: Error) => decoder.destroy(error));
    input.pipe(decoder);
    this.#pieces = decoder[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#error) throw this.#error;
    try {
      const next = await this.#pieces.next();
      return next.done === true ? null : next.value;
    } catch (error) {
      this.#error ??=
        error instanceof ProviderError
          ? error
          : new ProviderError('malformed', "The provider's answer could not be decompressed.", { cause: error });
      this.#source.destroy(this.#error);
      throw this.#error;
    }
  }

  destroy(reason = new ProviderError('aborted', 'The answer was not read to its end.')): void {
    this.#error ??= reason;
    this.#source.destroy(reason);
    this.#decoder.on('error', () => undefined);
    this.#decoder.destroy(reason);
  }

  release(): void {
    this.#decoder.on('error', () => undefined);
    this.#decoder.destroy();
    this.#source.release();
  }
}

async function* piecesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let piece = await source.read(); piece; piece = await source.read()) yield piece;
}

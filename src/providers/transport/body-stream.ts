import { ProviderError } from '../provider-error.js';
import type { ByteSource } from './byte-source.js';

/** What a body needs of its connection. */
export interface ConnectionControl {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
  /** The rest of the body is of no interest any more: nothing outside should end it early. */
  detach(): void;
}

interface Reader {
  resolve: (piece: Uint8Array | null) => void;
  reject: (error: ProviderError) => void;
}

const RELEASED_BYTES = 64 * 1024;
const RELEASED_MS = 1_000;

/** A response body as the connection delivers it, with a bounded buffer: a slow reader pauses the connection. */
export class BodyStream implements ByteSource {
  readonly #connection: ConnectionControl;
  readonly #bufferedLimit: number;
  #pieces: Uint8Array[] = [];
  #bufferedBytes = 0;
  #isPaused = false;
  #hasEnded = false;
  #error: ProviderError | null = null;
  #reader: Reader | null = null;
  #releasedBytes = -1;
  #releaseTimer: NodeJS.Timeout | undefined;

  constructor(connection: ConnectionControl, bufferedLimit: number) {
    this.#connection = connection;
    this.#bufferedLimit = bufferedLimit;
  }

  push(piece: Uint8Array): void {
    if (this.#error) return;
    if (this.#releasedBytes >= 0) {
      this.#releasedBytes += piece.byteLength;
      if (this.#releasedBytes > RELEASED_BYTES) this.destroy();
      return;
    }
    if (this.#reader) {
      this.#takeReader()?.resolve(piece);
      return;
    }
    this.#pieces.push(piece);
    this.#bufferedBytes += piece.byteLength;
    if (this.#bufferedBytes > this.#bufferedLimit && !this.#isPaused) {
      this.#isPaused = true;
      this.#connection.pause();
    }
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#releaseTimer);
    this.#takeReader()?.resolve(null);
  }

  /** The connection broke: what was received before it can still be read. */
  fail(error: ProviderError): void {
    this.#error ??= error;
    clearTimeout(this.#releaseTimer);
    this.#takeReader()?.reject(this.#error);
  }

  read(): Promise<Uint8Array | null> {
    const piece = this.#pieces.shift();
    if (piece) {
      this.#bufferedBytes -= piece.byteLength;
      if (this.#isPaused && this.#bufferedBytes <= this.#bufferedLimit / 2) {
        this.#isPaused = false;
        this.#connection.resume();
      }
      return Promise.resolve(piece);
    }
    if (this.#error) return Promise.reject(this.#error);
    if (this.#hasEnded) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  destroy(reason = new ProviderError('aborted', 'The answer was not read to its end.')): void {
    this.#pieces = [];
    this.#bufferedBytes = 0;
    if (!this.#hasEnded) this.#connection.abort(reason);
    this.fail(reason);
  }

  release(): void {
    this.#pieces = [];
    this.#bufferedBytes = 0;
    if (this.#hasEnded || this.#error || this.#releasedBytes >= 0) return;
    this.#releasedBytes = 0;
    this.#connection.detach();
    this.#releaseTimer = setTimeout(() => {
      this.destroy();
    }, RELEASED_MS);
    this.#releaseTimer.unref();
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#connection.resume();
    }
  }

  #takeReader(): Reader | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }
}

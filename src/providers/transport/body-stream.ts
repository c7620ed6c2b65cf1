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
  #isDelivering = false;
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
    this.#pieces.push(piece);
    this.#bufferedBytes += piece.byteLength;
    if (this.#reader && !this.#isDelivering) {
      this.#isDelivering = true;
      // One read of the socket may bring many chunks, each pushed by itself: the reader gets them together.
      queueMicrotask(this.#deliver);
    }
    if (this.#bufferedBytes > this.#bufferedLimit && !this.#isPaused) {
      this.#isPaused = true;
      this.#connection.pause();
    }
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#releaseTimer);
    if (!this.#isDelivering) this.#takeReader()?.resolve(null);
  }

  /** The connection broke: what was received before it can still be read. */
  fail(error: ProviderError): void {
    this.#error ??= error;
    clearTimeout(this.#releaseTimer);
    if (this.#pieces.length === 0) this.#takeReader()?.reject(this.#error);
  }

  /** All that is there, or else the next that comes. */
  read(): Promise<Uint8Array | null> {
    const piece = this.#takePieces();
    if (piece) return Promise.resolve(piece);
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

  readonly #deliver = (): void => {
    this.#isDelivering = false;
    const piece = this.#takePieces();
    if (piece) this.#takeReader()?.resolve(piece);
    else if (this.#hasEnded) this.#takeReader()?.resolve(null);
  };

  #takePieces(): Uint8Array | null {
    const [first] = this.#pieces;
    if (!first) return null;
    const taken = this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces, this.#bufferedBytes);
    this.#pieces = [];
    this.#bufferedBytes = 0;
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#connection.resume();
    }
    return taken;
  }

  #takeReader(): Reader | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }
}

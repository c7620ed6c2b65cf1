import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { Cache } from './cache.js';

// What an entry takes besides its name and its bytes, roughly.
const ENTRY_BYTES = 256;
const BYTES_PER_CHARACTER = 2;

/** Keeps what was asked for last in this process, within a number of bytes. */
export class MemoryCache extends Cache {
  readonly #entries: LRUCache<string, Buffer> | null;

  /** `maxBytes` 0 keeps nothing. */
  constructor(maxBytes: number, clock: Clock) {
    super();
    this.#entries =
      maxBytes === 0
        ? null
        : new LRUCache<string, Buffer>({
            maxSize: maxBytes,
            sizeCalculation: (value, name) => value.byteLength + BYTES_PER_CHARACTER * name.length + ENTRY_BYTES,
            // A beginning at 0 would be taken for none.
            perf: { now: () => clock.monotonic() + 1 },
            ttlResolution: 0,
          });
  }

  /** What the entries take by now. */
  get bytes(): number {
    return this.#entries?.calculatedSize ?? 0;
  }

  get(name: string): Promise<Buffer | null> {
    return Promise.resolve(this.#entries?.get(name) ?? null);
  }

  set(name: string, value: Buffer, { ttlMs }: { ttlMs: number }): Promise<void> {
    if (ttlMs > 0) this.#entries?.set(name, toOwnMemory(value), { ttl: ttlMs });
    return Promise.resolve();
  }

  delete(name: string): Promise<void> {
    this.#entries?.delete(name);
    return Promise.resolve();
  }
}

// A short buffer is a piece of a pool of kilobytes, all of which it would keep.
function toOwnMemory(value: Buffer): Buffer {
  if (value.buffer.byteLength === value.byteLength) return value;
  const own = Buffer.allocUnsafeSlow(value.byteLength);
  value.copy(own);
  return own;
}

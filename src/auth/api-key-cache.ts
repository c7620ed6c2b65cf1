import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../core/clock.js';
import type { Principal } from '../core/principal.js';

/** A key that was valid when it was read. */
export interface KnownKey {
  readonly principal: Principal;
  /** Wall-clock milliseconds; null means never. */
  readonly expiresAt: number | null;
}

/** How caches call the key with this digest. */
export function nameOf(digest: Buffer): string {
  return digest.toString('base64');
}

/** How long a reading is believed: the other replicas feel a revocation within this time. */
export const KEY_CACHE_TTL_MS = 3000;
/** How many keys of either kind are remembered. */
export const KEY_CACHE_SIZE = 10_000;

interface Reading {
  readonly known: KnownKey | null;
  readonly readAt: number;
}

/**
 * What the database said about keys a moment ago, by the name of its digest. Callers who ask for one key at once share one reading.
 * Keys that do not exist are remembered apart, so that junk cannot push out the good ones.
 */
@Injectable()
export class ApiKeyCache {
  readonly #good = new LRUCache<string, Reading>({ max: KEY_CACHE_SIZE });
  readonly #bad = new LRUCache<string, Reading>({ max: KEY_CACHE_SIZE });
  readonly #pending = new Map<string, Promise<KnownKey | null>>();

  constructor(private readonly clock: Clock) {}

  /** The key of this name, read by `load` when it was not read lately; a `load` that fails is not remembered. */
  find(name: string, load: () => Promise<KnownKey | null>): Promise<KnownKey | null> {
    const reading = this.#good.get(name) ?? this.#bad.get(name);
    if (reading && this.clock.monotonic() - reading.readAt < KEY_CACHE_TTL_MS) return Promise.resolve(reading.known);
    return this.#pending.get(name) ?? this.#read(name, load);
  }

  /** Asks the database again at the next use, whatever is being read at this moment. */
  forget(name: string): void {
    this.#good.delete(name);
    this.#bad.delete(name);
    this.#pending.delete(name);
  }

  async #read(name: string, load: () => Promise<KnownKey | null>): Promise<KnownKey | null> {
    const readAt = this.clock.monotonic();
    const pending = load();
    this.#pending.set(name, pending);
    try {
      const known = await pending;
      if (this.#pending.get(name) === pending) this.#remember(name, { known, readAt });
      return known;
    } finally {
      if (this.#pending.get(name) === pending) this.#pending.delete(name);
    }
  }

  #remember(name: string, reading: Reading): void {
    const [here, there] = reading.known ? [this.#good, this.#bad] : [this.#bad, this.#good];
    there.delete(name);
    here.set(name, reading);
  }
}

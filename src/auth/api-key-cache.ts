import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../core/clock.js';
import type { Principal } from '../core/principal.js';

/** A key that was valid when it was read. */
export interface KnownKey {
  readonly principal: Principal;
  /** By the monotonic clock of this process, whatever its wall clock says; null means never. */
  readonly expiresAt: number | null;
}

/** How long a reading is believed: the other replicas feel a revocation within this time. */
export const KEY_CACHE_TTL_MS = 3000;
/** The age from which a reading is renewed beside the request that uses it, so that no request has to wait for that. */
export const KEY_CACHE_RENEW_MS = 2000;
/** How many keys of either kind are remembered. */
export const KEY_CACHE_SIZE = 10_000;

interface Reading {
  readonly known: KnownKey | null;
  readonly readAt: number;
}

type Load = () => Promise<KnownKey | null>;

/**
 * What the database said about keys a moment ago, by the name of the digest. Callers who ask for one key at once share one
 * reading. Keys that do not exist are remembered apart, so that junk cannot push out the good ones.
 */
@Injectable()
export class ApiKeyCache {
  readonly #good = new LRUCache<string, Reading>({ max: KEY_CACHE_SIZE });
  readonly #bad = new LRUCache<string, Reading>({ max: KEY_CACHE_SIZE });
  readonly #pending = new Map<string, Promise<KnownKey | null>>();

  constructor(private readonly clock: Clock) {}

  /** The good key of this name when it was read lately; null says nothing. `load` renews a reading that will soon be old. */
  peek(name: string, load: Load): KnownKey | null {
    const reading = this.#good.get(name);
    if (!reading) return null;
    const age = this.clock.monotonic() - reading.readAt;
    if (age >= KEY_CACHE_TTL_MS) return null;
    // A renewal that fails is tried again by the next request, which waits for it once the reading is too old.
    if (age >= KEY_CACHE_RENEW_MS && !this.#pending.has(name)) this.#read(name, load).catch(() => undefined);
    return reading.known;
  }

  /** What was known of a good key of this name at its last reading, however long ago; null when nothing is. */
  lastKnown(name: string): KnownKey | null {
    return this.#good.peek(name)?.known ?? null;
  }

  /** The key of this name, read by `load` when it was not read lately; a `load` that fails is not remembered. */
  find(name: string, load: Load): Promise<KnownKey | null> {
    const reading = this.#good.get(name) ?? this.#bad.get(name);
    if (reading && this.clock.monotonic() - reading.readAt < KEY_CACHE_TTL_MS) return Promise.resolve(reading.known);
    return this.#pending.get(name) ?? this.#read(name, load);
  }

  /** Asks the database again at the next use of the keys of which this is true, whatever is being read at this moment. */
  forget(isMeant: (principal: Principal) => boolean): void {
    for (const [name, { known }] of this.#good.entries()) {
      if (known && isMeant(known.principal)) this.#good.delete(name);
    }
    // Nobody knows whose these would be, now that something has changed.
    this.#bad.clear();
    this.#pending.clear();
  }

  async #read(name: string, load: Load): Promise<KnownKey | null> {
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

  #remember(name: string, { known, readAt }: Reading): void {
    const [here, there] = known ? [this.#good, this.#bad] : [this.#bad, this.#good];
    there.delete(name);
    // While nothing changes the principal stays the same object, so that others may keep what they derived from it.
    const before = here.get(name)?.known ?? null;
    here.set(name, { known: before && known ? keepEqual(before, known) : known, readAt });
  }
}

// When it expires is measured anew with every reading.
function keepEqual(before: KnownKey, known: KnownKey): KnownKey {
  if (!isDeepStrictEqual(before.principal, known.principal)) return known;
  return before.expiresAt === known.expiresAt ? before : { ...known, principal: before.principal };
}

import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AuthConfig } from '../config/auth-config.js';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import type { Principal } from '../core/principal.js';
import { ApiKeyCache, KEY_CACHE_SIZE, type KnownKey, nameOf } from './api-key-cache.js';
import { ApiKeyStore } from './api-key.store.js';
import { FailedAuthenticationThrottle } from './failed-authentication-throttle.js';
import { digestKey, readKey } from './key-format.js';
import { invalidApiKey } from './read-credentials.js';

/** Finds out whose key it is, wherever it came in. */
@Injectable()
export class ApiKeyAuthenticator {
  readonly #presetDigest: Buffer | null;
  /** Keys that were good here before: they are still looked up when others at their address are throttled. */
  readonly #proven = new LRUCache<string, true>({ max: KEY_CACHE_SIZE });

  constructor(
    private readonly store: ApiKeyStore,
    private readonly cache: ApiKeyCache,
    private readonly throttle: FailedAuthenticationThrottle,
    private readonly clock: Clock,
    config: AuthConfig,
  ) {
    this.#presetDigest = config.adminKey === null ? null : digestKey(Buffer.from(config.adminKey));
  }

  /**
   * The principal of a key as it came in a header, for a client at `address`. Throws `invalid_api_key` without saying
   * why, `too_many_auth_failures` for an address that sent too many refused keys, and `dependency_unavailable` when
   * the database cannot be asked.
   */
  async authenticate(key: string, address: string): Promise<Principal> {
    // Header values are the bytes that the client sent, one character each.
    const digest = digestKey(Buffer.from(key, 'latin1'));
    const name = nameOf(digest);
    if (!this.#proven.has(name)) this.throttle.assertOpen(address);
    const known = await this.#find(key, digest, name);
    if (known === null || (known.expiresAt !== null && known.expiresAt <= this.clock.now())) {
      this.#proven.delete(name);
      await this.throttle.countFailure(address);
      throw invalidApiKey();
    }
    this.#proven.set(name, true);
    return known.principal;
  }

  async #find(key: string, digest: Buffer, name: string): Promise<KnownKey | null> {
    const reading = readKey(key);
    const isPreset = this.#presetDigest !== null && timingSafeEqual(this.#presetDigest, digest);
    if (reading.kind === 'damaged' && !isPreset) return null;
    const id = reading.kind === 'ours' && !isPreset ? reading.id : null;
    try {
      return await this.cache.find(name, () => this.store.findUsable(id, digest));
    } catch (error) {
      throw new AppError(
        'dependency_unavailable',
        'The API key could not be checked because the database does not answer. Try again shortly.',
        { retryAfterMs: 1000, cause: error },
      );
    }
  }
}

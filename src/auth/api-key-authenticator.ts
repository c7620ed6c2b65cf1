import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../core/clock.js';
import type { Principal } from '../core/principal.js';
import { ApiKeyCache, KEY_CACHE_SIZE, type KnownKey } from './api-key-cache.js';
import { CredentialFinder } from './credential-finder.js';
import { FailedAuthenticationThrottle } from './failed-authentication-throttle.js';
import { invalidApiKey } from './read-credentials.js';

/** Finds out whose key or token it is, wherever it came in. */
@Injectable()
export class ApiKeyAuthenticator {
  /** Keys that were good here before: they are still looked up when others at their address are throttled. */
  readonly #proven = new LRUCache<string, true>({ max: KEY_CACHE_SIZE });

  constructor(
    private readonly credentials: CredentialFinder,
    private readonly cache: ApiKeyCache,
    private readonly throttle: FailedAuthenticationThrottle,
    private readonly clock: Clock,
  ) {}

  /**
   * The principal of a key or token as it came in a header, for a client at `address`; at once, without a promise, when
   * it was good a moment ago. Rejects with `invalid_api_key` without saying why, `too_many_auth_failures` for an address
   * that sent too many refused keys, and `dependency_unavailable` when it cannot be checked for now.
   */
  authenticate(key: string, address: string): Principal | Promise<Principal> {
    // Of no use to anybody who reads the memory, and as good as the key for telling keys apart.
    const name = hash('sha256', key, 'base64');
    const known = this.cache.peek(name, () => this.credentials.find(key));
    if (known && !this.#isOver(known)) return known.principal;
    return this.#authenticate(key, address, name);
  }

  /** The project whose a key was when it was last read; null when nobody knows. Good for sharing out, not for letting in. */
  lastProjectOf(key: string): string | null {
    return this.cache.lastKnown(hash('sha256', key, 'base64'))?.principal.projectId ?? null;
  }

  async #authenticate(key: string, address: string, name: string): Promise<Principal> {
    if (!this.#proven.has(name)) this.throttle.assertOpen(address);
    const isPossible = this.credentials.isPossible(key);
    const known = isPossible ? await this.cache.find(name, () => this.credentials.find(key)) : null;
    if (known === null || this.#isOver(known)) {
      this.#proven.delete(name);
      await this.throttle.countFailure(address, { isGuess: isPossible });
      throw invalidApiKey();
    }
    this.#proven.set(name, true);
    return known.principal;
  }

  #isOver({ expiresAt }: KnownKey): boolean {
    return expiresAt !== null && expiresAt <= this.clock.monotonic();
  }
}

import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../config/auth-config.js';
import { AppError } from '../core/errors/app-error.js';
import type { KnownKey } from './api-key-cache.js';
import { ApiKeyStore } from './api-key.store.js';
import { JwtAuthenticator } from './jwt/jwt-authenticator.js';
import { digestKey, readKey } from './key-format.js';

/** Looks up who a key or a token belongs to. Both come as header values: the bytes sent, one character each. */
@Injectable()
export class CredentialFinder {
  readonly #presetDigest: Buffer | null;

  constructor(
    private readonly store: ApiKeyStore,
    private readonly tokens: JwtAuthenticator,
    config: AuthConfig,
  ) {
    this.#presetDigest = config.adminKey === null ? null : digestKey(Buffer.from(config.adminKey));
  }

  /** False for what could never be a key; nothing is asked to find that out. */
  isPossible(key: string): boolean {
    return readKey(key).kind !== 'damaged' || this.#isPreset(digestOf(key));
  }

  /** Null when it is not valid. Rejects with `dependency_unavailable` when that cannot be found out for now. */
  async find(key: string): Promise<KnownKey | null> {
    const digest = digestOf(key);
    const reading = readKey(key);
    const id = reading.kind === 'ours' && !this.#isPreset(digest) ? reading.id : null;
    try {
      if (this.tokens.isToken(key)) return await this.tokens.find(key);
      return await this.store.findUsable(id, digest);
    } catch (error) {
      if (error instanceof AppError && error.code === 'dependency_unavailable') throw error;
      throw new AppError(
        'dependency_unavailable',
        'The API key could not be checked because the database does not answer. Try again shortly.',
        { retryAfterMs: 1000, cause: error },
      );
    }
  }

  #isPreset(digest: Buffer): boolean {
    return this.#presetDigest !== null && timingSafeEqual(this.#presetDigest, digest);
  }
}

function digestOf(key: string): Buffer {
  return digestKey(Buffer.from(key, 'latin1'));
}

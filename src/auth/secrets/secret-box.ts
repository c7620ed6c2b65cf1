import { readFileSync } from 'node:fs';
import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { SecretsConfig } from '../../config/secrets-config.js';
import { decrypt, encrypt } from '../../core/authenticated-cipher.js';
import { AppError } from '../../core/errors/app-error.js';
import { obtainSecret, previousOf } from './obtain-secret.js';

const KEY_BYTES = 32;
/** What the key is derived for; not a secret. */
const SALT = 'trunkline secrets at rest, version 1';

const derive = promisify(scrypt) as (secret: string, salt: string, length: number) => Promise<Buffer>;

/** Keeps secrets that the database must not show: AES-256-GCM under a key derived from `TRUNKLINE_SECRET` by scrypt. */
@Injectable()
export class SecretBox {
  #key: Promise<Buffer> | null = null;
  #previousKey: Promise<Buffer | null> | null = null;

  constructor(private readonly config: SecretsConfig) {}

  /**
   * Encrypts a text; `place` names where it belongs, and it opens nowhere else. Rejects with `invalid_state` when there is
   * nothing to encrypt it with.
   */
  async seal(text: string, place: string): Promise<Buffer> {
    return encrypt(Buffer.from(text), await this.#obtainKey(), place);
  }

  /**
   * The text again, also of what was closed under `TRUNKLINE_SECRET_PREVIOUS`. Rejects when the secret or the place is
   * another one, or a byte was changed.
   */
  async open(sealed: Buffer, place: string): Promise<string> {
    try {
      return decrypt(sealed, await this.#obtainKey(), place).toString();
    } catch (error) {
      const previous = await this.#obtainPrevious();
      if (!previous) throw error;
      return decrypt(sealed, previous, place).toString();
    }
  }

  /** The same text under the present secret; null when it is already. Rejects as `open` does. */
  async renew(sealed: Buffer, place: string): Promise<Buffer | null> {
    try {
      decrypt(sealed, await this.#obtainKey(), place);
      return null;
    } catch {
      return this.seal(await this.open(sealed, place), place);
    }
  }

  // Derived once: scrypt is slow on purpose.
  #obtainKey(): Promise<Buffer> {
    this.#key ??= this.#deriveKey().catch((error: unknown) => {
      this.#key = null;
      throw error;
    });
    return this.#key;
  }

  async #deriveKey(): Promise<Buffer> {
    const { secret, file } = this.config;
    const known = secret ?? (file === null ? null : obtainSecret(file));
    if (known !== null) return derive(known, SALT, KEY_BYTES);
    throw new AppError(
      'invalid_state',
      'The server has nothing to encrypt secrets with. Set TRUNKLINE_SECRET (at least 32 characters) on every replica.',
    );
  }

  #obtainPrevious(): Promise<Buffer | null> {
    this.#previousKey ??= this.#derivePrevious();
    return this.#previousKey;
  }

  async #derivePrevious(): Promise<Buffer | null> {
    const { secret, previous, file } = this.config;
    const known = previous ?? (secret === null && file !== null ? readPrevious(file) : null);
    return known === null ? null : derive(known, SALT, KEY_BYTES);
  }
}

function readPrevious(file: string): string | null {
  try {
    return readFileSync(previousOf(file), 'utf8').trim();
  } catch {
    return null;
  }
}

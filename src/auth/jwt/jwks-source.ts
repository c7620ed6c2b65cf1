import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import { request } from 'undici';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';

type KeySet = ReturnType<typeof createLocalJWKSet>;
type VerificationKey = Awaited<ReturnType<KeySet>>;

const FETCH_MS = 5_000;
const MAX_BYTES = 512 * 1024;
/** The age from which the keys are read again, beside the requests that use them. */
const MAX_AGE_MS = 10 * 60_000;
/** How often at most they are read for the sake of a key that is not among them, which anybody can name. */
const LOOK_AGAIN_MS = 30_000;
/** How often at most they are read while they cannot be had. */
const TRY_AGAIN_MS = 1_000;

/** The public keys at a URL. What was read well once is used until there is something better, however long that takes. */
export class JwksSource {
  #keys: KeySet | null = null;
  #readAt = -Infinity;
  #triedAt = -Infinity;
  #isFailing = false;
  #pending: Promise<void> | null = null;

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  /**
   * The key that a token's header names. Rejects with a `JOSEError` when there is none, and with `dependency_unavailable`
   * when that cannot be known because the keys cannot be read.
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<VerificationKey> {
    const keys = this.#keys ?? (await this.#renew(TRY_AGAIN_MS));
    if (this.#age() >= MAX_AGE_MS) this.#renew(TRY_AGAIN_MS).catch(() => undefined);
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const renewed = await this.#renew(LOOK_AGAIN_MS);
      return renewed(header, token);
    }
  }

  #age(): number {
    return this.clock.monotonic() - this.#readAt;
  }

  // The keys, read again unless that was tried less than `pauseMs` ago.
  async #renew(pauseMs: number): Promise<KeySet> {
    const isDue = this.clock.monotonic() - this.#triedAt >= (this.#isFailing ? TRY_AGAIN_MS : pauseMs);
    if (this.#pending === null && isDue) {
      this.#triedAt = this.clock.monotonic();
      this.#pending = this.#read().finally(() => {
        this.#pending = null;
      });
    }
    await this.#pending;
    if (this.#keys === null || this.#isFailing) throw unavailable();
    return this.#keys;
  }

  async #read(): Promise<void> {
    try {
      this.#keys = createLocalJWKSet(await fetchKeys(this.url));
      this.#readAt = this.clock.monotonic();
      this.#isFailing = false;
    } catch (error) {
      this.#isFailing = true;
      throw unavailable(error);
    }
  }
}

async function fetchKeys(url: string): Promise<JSONWebKeySet> {
  const signal = AbortSignal.timeout(FETCH_MS);
  const { statusCode, body } = await request(url, { signal, headers: { accept: 'application/json' } });
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw new Error('The answer is too long to be a set of keys.');
    pieces.push(piece);
  }
  if (statusCode !== 200) throw new Error(`The keys were asked for and ${String(statusCode)} was the answer.`);
  const keys = JSON.parse(Buffer.concat(pieces).toString()) as JSONWebKeySet;
  // Taken for a failure at the other end: no keys at all would lock everybody out.
  if (!Array.isArray(keys.keys) || keys.keys.length === 0) throw new Error('The answer holds no keys.');
  return keys;
}

function unavailable(cause?: unknown): AppError {
  return new AppError(
    'dependency_unavailable',
    'The token could not be checked because the keys of its issuer cannot be read. Try again shortly.',
    { retryAfterMs: TRY_AGAIN_MS, cause },
  );
}

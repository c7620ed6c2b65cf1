import type { Clock } from '../core/clock.js';
import { Cache } from './cache.js';
import { RefusedError, type RedisConnection } from './redis-connection.js';

/** A new answer is never much slower for having been looked for first. */
const GET_MS = 250;
const SET_MS = 500;
/** How long nothing is written after Redis refused to take something: it is full, or a replica. */
const REFUSED_MS = 1_000;

/** Keeps bytes in Redis, for all replicas; while Redis is away there is nothing in it. */
export class RedisCache extends Cache {
  #writesRestUntil = -Infinity;

  /** `prefix` is what its names begin with. */
  constructor(
    private readonly redis: RedisConnection,
    private readonly clock: Clock,
    private readonly prefix: string,
  ) {
    super();
  }

  async get(name: string): Promise<Buffer | null> {
    const reply = await this.#ask(['GET', this.prefix + name], GET_MS);
    return Buffer.isBuffer(reply) ? reply : null;
  }

  async set(name: string, value: Buffer, { ttlMs }: { ttlMs: number }): Promise<void> {
    if (ttlMs < 1 || this.clock.monotonic() < this.#writesRestUntil) return;
    await this.#ask(['SET', this.prefix + name, value, 'PX', String(Math.floor(ttlMs))], SET_MS);
  }

  async delete(name: string): Promise<void> {
    await this.#ask(['UNLINK', this.prefix + name], SET_MS);
  }

  async #ask(command: (string | Buffer)[], withinMs: number): Promise<unknown> {
    if (!this.redis.isUsable) return null;
    try {
      return await this.redis.ask(command, withinMs);
    } catch (error) {
      if (error instanceof RefusedError) this.#writesRestUntil = this.clock.monotonic() + REFUSED_MS;
      return null;
    }
  }
}

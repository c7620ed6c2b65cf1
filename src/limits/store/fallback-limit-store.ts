import { Injectable } from '@nestjs/common';
import { RedisConnection } from '../../cache/redis-connection.js';
import { type LimitBatch, type LimitReply, LimitStore } from './limit-store.js';
import { PostgresLimitStore } from './postgres-limit-store.js';
import { RedisLimitStore } from './redis-limit-store.js';

/** The connection to Redis that is counted over, by its generation; the database in its place. */
type Place = number | 'database';

/** Counts in Redis while it answers, else in the database. What one of them counted the other does not know. */
@Injectable()
export class FallbackLimitStore extends LimitStore {
  #place: Place | null = null;

  constructor(
    private readonly redis: RedisLimitStore,
    private readonly database: PostgresLimitStore,
    private readonly connection: RedisConnection,
  ) {
    super();
    // Seats have to be told in the other place though nobody asks for anything at the moment.
    connection.onChange(() => {
      this.onMoved();
    });
  }

  /** Where is counted at present; null before anything was. */
  get storeName(): 'redis' | 'database' | null {
    return typeof this.#place === 'number' ? 'redis' : this.#place;
  }

  async exchange(batch: LimitBatch): Promise<LimitReply> {
    if (this.connection.isUsable) {
      try {
        const moved = await this.#moveTo(this.connection.generation, this.redis, batch);
        return await this.redis.exchange(moved);
      } catch {
        // The connection has said why, once, and is left alone for a while.
      }
    }
    return this.database.exchange(await this.#moveTo('database', this.database, batch));
  }

  async forget(): Promise<void> {
    await (this.#place === 'database' ? this.database : this.redis).forget();
  }

  // Seats that were held here the last time are not held any more, and corrections of counts elsewhere mean nothing here.
  async #moveTo(place: Place, store: LimitStore, batch: LimitBatch): Promise<LimitBatch> {
    if (this.#place === place) return batch;
    const isFirst = this.#place === null;
    if (!isFirst) {
      this.onMoved();
      await store.forget();
    }
    this.#place = place;
    if (isFirst) return batch;
    return { ...batch, lines: batch.lines.map((line) => ({ ...line, correction: null })) };
  }
}

import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { RedisConnection } from '../../cache/redis-connection.js';
import { PostgresThrottleCounter } from './postgres-throttle-counter.js';
import { RedisThrottleCounter } from './redis-throttle-counter.js';
import type { ThrottleHit, ThrottleStanding } from './throttle-counter.js';

type StorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

interface Counting {
  hit: ThrottleHit;
  readonly waiting: {
    readonly resolve: (record: StorageRecord) => void;
    readonly reject: (error: unknown) => void;
  }[];
}

/** More names than that at once are counted in several steps. */
const MOST_NAMES = 500;

/**
 * Counts for all replicas together: in Redis while it answers, else in the database. What comes while a step is under way goes
 * into the next one, so that a flood of hits is a trickle of statements. Rejects when neither can be asked.
 */
@Injectable()
export class SharedThrottlerStorage implements ThrottlerStorage {
  readonly #next = new Map<string, Counting>();
  #isBusy = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly redis: RedisThrottleCounter,
    private readonly database: PostgresThrottleCounter,
  ) {}

  increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<StorageRecord> {
    const name = `${throttlerName}:${key}`;
    return new Promise((resolve, reject) => {
      const hit = { name, times: 1, windowMs: ttl, limit, blockMs: blockDuration };
      const known = this.#next.get(name);
      if (known) known.hit = { ...hit, times: known.hit.times + 1 };
      const counting = known ?? { hit, waiting: [] };
      counting.waiting.push({ resolve, reject });
      this.#next.set(name, counting);
      if (!this.#isBusy) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    await Promise.resolve();
    while (this.#next.size > 0) await this.#step();
    this.#isBusy = false;
  }

  async #step(): Promise<void> {
    const step = [...this.#next.values()].slice(0, MOST_NAMES);
    for (const { hit } of step) this.#next.delete(hit.name);
    try {
      const standings = await this.#count(step.map(({ hit }) => hit));
      standings.forEach((standing, index) => {
        answer(step[index], standing);
      });
    } catch (error) {
      for (const { reject } of step.flatMap(({ waiting }) => waiting)) reject(error);
    }
  }

  async #count(hits: readonly ThrottleHit[]): Promise<readonly ThrottleStanding[]> {
    if (this.connection.isUsable) {
      try {
        return await this.redis.count(hits);
      } catch {
        // The connection has said why, once.
      }
    }
    return this.database.count(hits);
  }
}

// Those who were counted together came one after another all the same.
function answer(counting: Counting | undefined, standing: ThrottleStanding): void {
  const { hits, counted, endsInMs, blockedForMs } = standing;
  counting?.waiting.forEach(({ resolve }, index) => {
    const totalHits = counted === 0 ? hits : hits - counted + index + 1;
    const isBlocked = blockedForMs > 0 && totalHits > counting.hit.limit;
    resolve({
      totalHits,
      timeToExpire: toSeconds(endsInMs),
      isBlocked,
      timeToBlockExpire: isBlocked ? toSeconds(blockedForMs) : 0,
    });
  });
}

function toSeconds(ms: number): number {
  return Math.ceil(Math.max(0, ms) / 1000);
}

import type { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';

type StorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

interface Window {
  hits: number;
  endsAt: number;
  blockedUntil: number;
}

/** How many keys are counted at once; beyond it those seen longest ago start anew. */
const MAX_WINDOWS = 20_000;

/** Counts in fixed windows, in memory that junk cannot grow. Times in and durations out are as the throttler wants them. */
export class BoundedThrottlerStorage implements ThrottlerStorage {
  readonly #windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });

  constructor(private readonly clock: Clock) {}

  increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    throttlerName: string,
  ): Promise<StorageRecord> {
    const now = this.clock.monotonic();
    const window = this.#open(`${throttlerName}:${key}`, now, ttl);
    const wasBlocked = window.blockedUntil > now;
    if (!wasBlocked) window.hits += 1;
    if (!wasBlocked && window.hits > limit) {
      window.blockedUntil = now + blockDuration;
      window.endsAt = window.blockedUntil;
    }
    const isBlocked = window.blockedUntil > now;
    return Promise.resolve({
      totalHits: window.hits,
      timeToExpire: toSeconds(window.endsAt - now),
      isBlocked,
      timeToBlockExpire: isBlocked ? toSeconds(window.blockedUntil - now) : 0,
    });
  }

  #open(name: string, now: number, ttl: number): Window {
    const current = this.#windows.get(name);
    if (current && current.endsAt > now) return current;
    const window = { hits: 0, endsAt: now + ttl, blockedUntil: -Infinity };
    this.#windows.set(name, window);
    return window;
  }
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

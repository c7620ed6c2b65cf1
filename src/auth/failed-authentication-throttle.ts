import { Inject, Injectable } from '@nestjs/common';
import { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { BoundedThrottlerStorage } from './bounded-throttler-storage.js';
import { toAddressBlock } from './to-address-block.js';

const MAX_CLOSED_ADDRESSES = 20_000;
const THROTTLER_NAME = 'failed-authentication';

/** How many refused keys one address may send in how many milliseconds, before it has to wait as long again. */
export class FailedAuthenticationLimit {
  readonly failures: number = 60;
  readonly windowMs: number = 60_000;
}

/** Closes an address for a while when too many refused keys came from it, to whichever replicas. */
@Injectable()
export class FailedAuthenticationThrottle {
  readonly #closedUntil = new LRUCache<string, number>({ max: MAX_CLOSED_ADDRESSES });
  /** Of this process alone: what could not be a key is counted here only, since it is refused without asking anybody. */
  readonly #own: BoundedThrottlerStorage;

  constructor(
    @Inject(ThrottlerStorage) private readonly shared: ThrottlerStorage,
    private readonly clock: Clock,
    private readonly limit: FailedAuthenticationLimit,
  ) {
    this.#own = new BoundedThrottlerStorage(clock);
  }

  /** Throws `too_many_auth_failures` while the address is closed. */
  assertOpen(address: string): void {
    const closedForMs = (this.#closedUntil.get(toAddressBlock(address)) ?? 0) - this.clock.monotonic();
    if (closedForMs <= 0) return;
    throw new AppError(
      'too_many_auth_failures',
      'Too many refused API keys came from this address. Wait, then send a valid key.',
      { retryAfterMs: closedForMs },
    );
  }

  /**
   * Counts one refused key: here, and with all replicas together when it might have been one. Rejects with
   * `too_many_auth_failures` when it is one too many.
   */
  async countFailure(address: string, { isGuess }: { isGuess: boolean }): Promise<void> {
    const block = toAddressBlock(address);
    const own = await this.#countIn(this.#own, block);
    // While the shared counters are away this process goes by its own.
    const all = isGuess ? await this.#countIn(this.shared, block).catch(() => 0) : 0;
    const closedForMs = Math.max(own, all);
    if (closedForMs === 0) return;
    this.#closedUntil.set(block, this.clock.monotonic() + closedForMs);
    this.assertOpen(address);
  }

  async #countIn(storage: ThrottlerStorage, block: string): Promise<number> {
    const { failures, windowMs } = this.limit;
    const record = await storage.increment(block, windowMs, failures, windowMs, THROTTLER_NAME);
    return record.isBlocked ? record.timeToBlockExpire * 1000 : 0;
  }
}

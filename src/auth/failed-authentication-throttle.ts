import { Inject, Injectable } from '@nestjs/common';
import { ThrottlerStorage } from '@nestjs/throttler';
import { LRUCache } from 'lru-cache';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { toAddressBlock } from './to-address-block.js';

const MAX_CLOSED_ADDRESSES = 20_000;
const THROTTLER_NAME = 'failed-authentication';

/** How many refused keys one address may send in how many milliseconds, before it has to wait as long again. */
export class FailedAuthenticationLimit {
  readonly failures: number = 60;
  readonly windowMs: number = 60_000;
}

/** Closes an address for a while when too many refused keys came from it. */
@Injectable()
export class FailedAuthenticationThrottle {
  readonly #closedUntil = new LRUCache<string, number>({ max: MAX_CLOSED_ADDRESSES });

  constructor(
    @Inject(ThrottlerStorage) private readonly storage: ThrottlerStorage,
    private readonly clock: Clock,
    private readonly limit: FailedAuthenticationLimit,
  ) {}

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

  /** Counts one refused key; throws `too_many_auth_failures` when it is one too many. */
  async countFailure(address: string): Promise<void> {
    const block = toAddressBlock(address);
    const { failures, windowMs } = this.limit;
    const record = await this.storage.increment(block, windowMs, failures, windowMs, THROTTLER_NAME);
    if (!record.isBlocked) return;
    this.#closedUntil.set(block, this.clock.monotonic() + record.timeToBlockExpire * 1000);
    this.assertOpen(address);
  }
}

import type { CancelSignal } from '../../core/cancellation.js';
import type { ProviderConfig } from '../../config/gateway-config.js';
import type { Clock } from '../../core/clock.js';
import { Allowance } from './allowance.js';
import { WaitingLine } from '../../core/waiting-line.js';
import type { LimitSlot, SlotRequest } from './limit-slot.js';
import { demandedTokens } from './token-demand.js';

/** How long the queue sleeps at most: the number of instances, and with it the limits, may have changed. */
const LONGEST_NAP_MS = 1_000;

interface SlotWait extends SlotRequest {
  /** The longest it may wait. */
  readonly limitMs: number;
  readonly signal: CancelSignal;
}

interface Waiter extends SlotWait {
  /** Null when it is not to have one. */
  readonly settle: (slot: LimitSlot | null) => void;
}

/** How full a provider is; limits are this process's share, null where there is none. */
export interface LimiterSnapshot {
  readonly inUse: number;
  readonly queued: number;
  readonly queueSize: number;
  /** Requests that were refused for want of a slot, since the start. */
  readonly refused: number;
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly concurrency: number | null;
}

/**
 * Keeps what is sent to one provider, by all targets and credentials of it, within the limits that its operator set. What
 * may not go yet waits in a bounded queue in which projects take turns.
 */
export class ProviderLimiter {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  readonly #queue: WaitingLine<Waiter>;
  readonly #config: Pick<ProviderConfig, 'limits' | 'queue'>;
  #refused = 0;
  #cancelNap: (() => void) | null = null;

  /** `liveInstances` says how many processes share the limits. */
  constructor(config: Pick<ProviderConfig, 'limits' | 'queue'>, clock: Clock, liveInstances: () => number) {
    this.#config = config;
    this.#clock = clock;
    this.#allowance = new Allowance(config.limits, clock, liveInstances);
    this.#queue = new WaitingLine(config.queue.size);
  }

  /** True when `SlotRequest.demand` matters. */
  get countsTokens(): boolean {
    return this.#config.limits.tokensPerMinute !== null;
  }

  /** The longest that a request may wait in the queue, in milliseconds. */
  get waitLimitMs(): number {
    return this.#config.queue.waitMs;
  }

  /** A slot, when one is free now and nobody waits for it. */
  tryTake(request: SlotRequest): LimitSlot | null {
    return this.#queue.length === 0 && this.#allowance.waitMs(request.demand) === 0 ? this.#take(request) : null;
  }

  /** Tells whether a request of the project could join the queue now. */
  hasRoomFor(project: string): boolean {
    return this.#queue.hasRoomFor(project);
  }

  /**
   * Waits for a slot in turn. Resolves to null when there is no room in the queue, when the wait takes too long, and at once
   * when the signal fires. Whoever gets a slot must give it back.
   */
  wait(wanted: SlotWait): Promise<LimitSlot | null> {
    if (wanted.signal.aborted || wanted.limitMs <= 0) return Promise.resolve(null);
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#queue.remove(waiter.project, waiter);
        waiter.settle(null);
        // Whoever is next may need less.
        this.#serve();
      };
      // Rounded up: where the limit is the client's deadline, that has then passed.
      const cancelTimer = this.#clock.schedule(leave, Math.ceil(wanted.limitMs));
      wanted.signal.addEventListener('abort', leave, { once: true });
      const waiter: Waiter = {
        ...wanted,
        settle: (slot) => {
          cancelTimer();
          wanted.signal.removeEventListener('abort', leave);
          resolve(slot);
        },
      };
      this.#queue.push(waiter.project, waiter)?.settle(null);
      this.#serve();
    });
  }

  /** About how many milliseconds a request that came now would have to wait for its turn. */
  retryAfterMs({ demand }: SlotRequest): number {
    let tokens = demandedTokens(demand);
    for (const waiter of this.#queue) tokens += demandedTokens(waiter.demand);
    return this.#allowance.etaMs(this.#queue.length + 1, tokens);
  }

  /** A client was told to come back later. */
  noteRefusal(): void {
    this.#refused += 1;
  }

  snapshot(): LimiterSnapshot {
    const { inUse, requestsPerMinute, tokensPerMinute, concurrency } = this.#allowance;
    const { length: queued } = this.#queue;
    const { size: queueSize } = this.#config.queue;
    const refused = this.#refused;
    return { inUse, queued, queueSize, refused, requestsPerMinute, tokensPerMinute, concurrency };
  }

  #take({ demand }: SlotRequest): LimitSlot {
    return this.#allowance.take(demand, () => {
      this.#serve();
    });
  }

  #serve(): void {
    this.#cancelNap?.();
    this.#cancelNap = null;
    for (let next = this.#queue.peek(); next; next = this.#queue.peek()) {
      const waitMs = this.#allowance.waitMs(next.demand);
      if (waitMs > 0) {
        this.#nap(waitMs);
        return;
      }
      this.#queue.shift();
      next.settle(this.#take(next));
    }
  }

  #nap(waitMs: number): void {
    // Rounded up, but not for what rounding itself added.
    const napMs = Math.max(1, Math.ceil(Math.min(waitMs, LONGEST_NAP_MS) - 0.001));
    this.#cancelNap = this.#clock.schedule(() => {
      this.#cancelNap = null;
      this.#serve();
    }, napMs);
  }
}

/** The limiter of a provider; null when nothing about it is limited. */
export function createLimiter(
  config: Pick<ProviderConfig, 'limits' | 'queue'>,
  clock: Clock,
  liveInstances: () => number,
): ProviderLimiter | null {
  const { requestsPerMinute, tokensPerMinute, concurrency } = config.limits;
  const isLimited = requestsPerMinute !== null || tokensPerMinute !== null || concurrency !== null;
  return isLimited ? new ProviderLimiter(config, clock, liveInstances) : null;
}

const MINUTE_MS = 60_000;
/** Spending within this long of each other leaves the minute together, when the last of it does. */
const ENTRY_MS = 250;
/** Sums of fractions come out a hair short of what they stand for. */
const HAIR = 1e-6;

interface Entry {
  readonly startedAt: number;
  lastAt: number;
  amount: number;
  isForgotten: boolean;
}

/** What was taken from a bucket at once; its amount can be corrected. */
export interface Spending {
  readonly entry: Entry;
  amount: number;
}

/**
 * A token bucket per minute whose content flows in evenly, and which also remembers the last minute: it never gives more
 * than `perMinute` in any minute, whether the clock's or another. What is asked at once may be more than the bucket holds
 * at a time: it is given when the bucket is full, and paid off afterwards; only more than a whole minute's worth goes over.
 */
export class MinuteBucket {
  readonly #perMinute: () => number;
  readonly #burstMs: number;
  readonly #entries: Entry[] = [];
  #spent = 0;
  #level: number;
  #readAt: number;

  /** `perMinute` is asked anew each time; the bucket holds what flows in during `burstMs`. `now` is a monotonic reading. */
  constructor(perMinute: () => number, burstMs: number, now: number) {
    this.#perMinute = perMinute;
    this.#burstMs = burstMs;
    this.#level = this.#capacity();
    this.#readAt = now;
  }

  get perMinute(): number {
    return this.#perMinute();
  }

  /** Milliseconds until `amount` can be taken; 0 when it can be now. */
  waitMs(amount: number, now: number): number {
    this.#flow(now);
    const missing = Math.min(amount, this.#capacity()) - this.#level;
    const flowMs = missing <= HAIR ? 0 : missing / this.#ratePerMs();
    return Math.max(flowMs, this.#minuteWaitMs(amount, now));
  }

  /** About how many milliseconds it takes until `amount` has flowed in, all of it. */
  etaMs(amount: number, now: number): number {
    this.#flow(now);
    return Math.max(0, (amount - this.#level) / this.#ratePerMs(), this.#minuteWaitMs(amount, now));
  }

  /** Takes the amount, whether or not it is there. */
  spend(amount: number, now: number): Spending {
    this.#flow(now);
    this.#level -= amount;
    this.#spent += amount;
    return { entry: this.#enter(amount, now), amount };
  }

  /** The amount was really another one. */
  correct(spending: Spending, amount: number, now: number): void {
    this.#flow(now);
    const difference = amount - spending.amount;
    spending.amount = amount;
    this.#level = Math.min(this.#capacity(), this.#level - difference);
    if (spending.entry.isForgotten) return;
    spending.entry.amount += difference;
    this.#spent += difference;
  }

  #enter(amount: number, now: number): Entry {
    const last = this.#entries.at(-1);
    if (last && now - last.startedAt < ENTRY_MS) {
      last.lastAt = now;
      last.amount += amount;
      return last;
    }
    const entry = { startedAt: now, lastAt: now, amount, isForgotten: false };
    this.#entries.push(entry);
    return entry;
  }

  // What is in the bucket at the beginning of a minute comes on top of what flows in: together they are the minute's worth.
  #ratePerMs(): number {
    const perMinute = this.#perMinute();
    return Math.max(perMinute + 1 - this.#capacity(), perMinute / 2) / MINUTE_MS;
  }

  #capacity(): number {
    return Math.max(1, (this.#perMinute() * this.#burstMs) / MINUTE_MS);
  }

  #flow(now: number): void {
    this.#level = Math.min(this.#capacity(), this.#level + (now - this.#readAt) * this.#ratePerMs());
    this.#readAt = now;
    for (let first = this.#entries[0]; first && first.lastAt + MINUTE_MS <= now; first = this.#entries[0]) {
      this.#entries.shift();
      first.isForgotten = true;
      this.#spent -= first.amount;
    }
    // Nothing is left of what rounding added up.
    if (this.#entries.length === 0) this.#spent = 0;
  }

  #minuteWaitMs(amount: number, now: number): number {
    const room = this.#perMinute() - amount + HAIR;
    if (this.#spent <= room) return 0;
    let left = this.#spent;
    let freeAt = now;
    for (const entry of this.#entries) {
      if (left <= Math.max(room, HAIR)) break;
      left -= entry.amount;
      freeAt = entry.lastAt + MINUTE_MS;
    }
    return freeAt - now;
  }
}

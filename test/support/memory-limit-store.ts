import type { Clock } from '../../src/core/clock.js';
import { type LimitBatch, type LimitReply, LimitStore, NotExchangedError } from '../../src/limits/store/limit-store.js';

const MINUTE_MS = 60_000;

/** What several `MemoryLimitStore`s count together. */
export class LimitCounts {
  readonly minutes = new Map<string, { minute: number; used: number }>();
  /** By limit, then by process. */
  readonly seats = new Map<string, Map<string, number>>();
}

/** A store with the rules of the real ones, on the clock of the test. */
export class MemoryLimitStore extends LimitStore {
  exchanges = 0;
  takes = 0;
  /** What the next steps reject with, after they were done when `failsLate`. */
  failure: Error | null = null;
  failsLate = false;
  delayMs = 0;

  constructor(
    readonly counts: LimitCounts,
    readonly instance: string,
    readonly clock: Clock,
  ) {
    super();
  }

  async exchange(batch: LimitBatch): Promise<LimitReply> {
    this.exchanges += 1;
    this.takes += batch.takes.length;
    if (this.failure && !this.failsLate) throw new NotExchangedError(this.failure.message);
    if (this.delayMs > 0) await this.clock.sleep(this.delayMs / 2);
    const reply = this.#step(batch);
    if (this.delayMs > 0) await this.clock.sleep(this.delayMs / 2);
    if (this.failure) throw this.failure;
    return reply;
  }

  forget(): Promise<void> {
    for (const seats of this.counts.seats.values()) seats.delete(this.instance);
    return Promise.resolve();
  }

  #step({ lines, takes, share }: LimitBatch): LimitReply {
    const atMs = this.clock.now();
    const now = Math.floor(atMs / MINUTE_MS);
    const used = lines.map(({ meter, held, correction }) => {
      if (held !== null) return this.#heldByOthers(meter) + held;
      const row = this.counts.minutes.get(meter);
      const count = row?.minute === now ? row.used : 0;
      return correction?.minute === now ? Math.max(0, count + correction.amount) : count;
    });
    const own = lines.map(({ held }) => held ?? 0);
    const asked = new Set<number>();
    const granted = takes.map((take) => {
      for (const { line } of take) asked.add(line);
      if (take.some(({ line, amount }) => (used[line] ?? 0) + amount > (lines[line]?.limit ?? 0))) return false;
      for (const { line, amount } of take) {
        used[line] = (used[line] ?? 0) + amount;
        own[line] = (own[line] ?? 0) + amount;
      }
      return true;
    });
    const replies = lines.map(({ meter, limit, held }, line) => {
      const count = used[line] ?? 0;
      const spare = asked.has(line) ? Math.max(0, Math.floor((limit - count) / share)) : 0;
      if (held === null) this.counts.minutes.set(meter, { minute: now, used: count + spare });
      else this.#hold(meter, (own[line] ?? 0) + spare);
      return { minute: now, used: count + spare, spare };
    });
    return { atMs, lines: replies, granted };
  }

  #heldByOthers(meter: string): number {
    let sum = 0;
    for (const [instance, seats] of this.counts.seats.get(meter) ?? []) sum += instance === this.instance ? 0 : seats;
    return sum;
  }

  #hold(meter: string, seats: number): void {
    const holders = this.counts.seats.get(meter) ?? new Map<string, number>();
    holders.set(this.instance, seats);
    this.counts.seats.set(meter, holders);
  }
}

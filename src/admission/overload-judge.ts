import type { OverloadReason } from '../core/telemetry/admission-telemetry.js';

/** What a process may take; a limit that is 0 is not asked. */
export interface OverloadTerms {
  readonly maxSeats: number;
  readonly maxLoopDelayMs: number;
  /** From 0 to 1. */
  readonly maxMemoryShare: number;
}

/** How a process stands at one moment. */
export interface LoadSample {
  /** How late a timer was. */
  readonly lateMs: number;
  /** How much of the time since the last sample this process was at work, from 0 to 1. */
  readonly busyShare: number;
  /** Used of what may be used, from 0 to 1. */
  readonly heapShare: number;
  readonly memoryShare: number;
  readonly inFlight: number;
}

/** What follows from it: how many requests may be under way, and why fewer than usual. */
export interface Verdict {
  readonly seats: number;
  readonly reason: Extract<OverloadReason, 'event-loop' | 'heap' | 'memory'> | null;
}

/** So many of the last samples have to be late: one long pause is over when it is seen, and says nothing of what comes. */
const WINDOW = 5;
const MOST_LATE = 3;
/** Below it, a timer is late because the machine works for others: fewer requests here would not make it any sooner. */
const LEAST_BUSY = 0.5;
/** What is left of the requests under way while the event loop is late, at each step. */
const DECREASE = 0.8;
/** With so few under way it is not their number that makes the event loop late, and turning others away would not help. */
const FEWEST_SEATS = 8;
/** The share of all seats that comes back with each sample that is in time. */
const INCREASE = 0.05;
/** So many samples in a row without a request under way show that turning them away frees no more memory. */
const MOST_IN_VAIN = 100;
/** The part of a limit below which a process that was over it has recovered. */
const RECOVERED = 0.9;

/**
 * Decides from samples when a process takes less. While the event loop is late the seats become fewer step by step, and come
 * back step by step (additive increase, multiplicative decrease, as TCP's congestion control has it), so that it does not
 * swing between all and nothing. When memory runs out there is none until a tenth of the limit is free again, or one at a time
 * when that does not come: a process that is slow, or ends and is started anew, is better than one that refuses for ever.
 */
export class OverloadJudge {
  readonly #late: boolean[] = [];
  #seats: number;
  #fullOf: 'heap' | 'memory' | null = null;
  /** Samples since there was no memory and nobody who could give any back. */
  #inVain = 0;

  constructor(private readonly terms: OverloadTerms) {
    this.#seats = terms.maxSeats;
  }

  /** False when nothing is to be judged by. */
  get isAsked(): boolean {
    return this.terms.maxLoopDelayMs > 0 || this.terms.maxMemoryShare > 0;
  }

  judge(sample: LoadSample): Verdict {
    this.#adjustSeats(sample);
    this.#fullOf = this.#whatIsFull(sample);
    this.#inVain =
      this.#fullOf !== null && (sample.inFlight === 0 || this.#inVain >= MOST_IN_VAIN) ? this.#inVain + 1 : 0;
    if (this.#fullOf !== null) return { seats: this.#inVain >= MOST_IN_VAIN ? 1 : 0, reason: this.#fullOf };
    return { seats: this.#seats, reason: this.#seats < this.terms.maxSeats ? 'event-loop' : null };
  }

  #adjustSeats({ lateMs, busyShare, inFlight }: LoadSample): void {
    const { maxSeats, maxLoopDelayMs } = this.terms;
    if (maxLoopDelayMs === 0) return;
    const isBusy = busyShare >= LEAST_BUSY;
    this.#late.push(isBusy && lateMs > maxLoopDelayMs);
    if (this.#late.length > WINDOW) this.#late.shift();
    if (this.#late.filter(Boolean).length >= MOST_LATE) {
      const fewer = Math.floor(Math.min(this.#seats, inFlight) * DECREASE);
      this.#seats = Math.max(Math.min(maxSeats, FEWEST_SEATS), fewer);
      // What is decided now shows only in samples to come.
      this.#late.length = 0;
    } else if (!isBusy || lateMs <= maxLoopDelayMs / 2) {
      this.#seats = Math.min(maxSeats, this.#seats + Math.max(1, Math.ceil(maxSeats * INCREASE)));
    }
  }

  #whatIsFull({ heapShare, memoryShare }: LoadSample): 'heap' | 'memory' | null {
    const { maxMemoryShare } = this.terms;
    if (maxMemoryShare === 0) return null;
    const limitOf = (kind: 'heap' | 'memory'): number => maxMemoryShare * (this.#fullOf === kind ? RECOVERED : 1);
    if (heapShare >= limitOf('heap')) return 'heap';
    return memoryShare >= limitOf('memory') ? 'memory' : null;
  }
}

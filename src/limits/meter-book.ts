import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { LimitDesk } from './limit-desk.js';
import type { LimitTerms } from './limit-terms.js';
import type { Meter } from './meter.js';
import { MinuteMeter } from './minute-meter.js';
import { SeatMeter } from './seat-meter.js';

/** How many meters there may be before idle ones are looked for, at most once in a while. */
const MANY = 1_000;
const TIDY_EVERY_MS = 60_000;

/** The meters of this process, one for each limit that is in use. */
@Injectable()
export class MeterBook {
  readonly #meters = new Map<string, Meter>();
  #tidiedAt = -Infinity;

  constructor(
    private readonly desk: LimitDesk,
    private readonly clock: Clock,
  ) {}

  /** How many meters are kept. */
  get size(): number {
    return this.#meters.size;
  }

  /** The meter of a limit, at its terms of now. */
  open(terms: LimitTerms): Meter {
    const known = this.#meters.get(terms.meter);
    if (!known) return this.#add(terms);
    if (known.terms.limit !== terms.limit) known.changeTerms(terms);
    return known;
  }

  /** The replicas count elsewhere from now on: nothing that was handed out in advance is good any more. */
  resetAll(): void {
    for (const meter of this.#meters.values()) meter.reset();
  }

  #add(terms: LimitTerms): Meter {
    this.#tidy();
    const Kind = terms.kind === 'concurrency' ? SeatMeter : MinuteMeter;
    const meter = new Kind(terms, this.desk.note);
    this.#meters.set(terms.meter, meter);
    return meter;
  }

  #tidy(): void {
    const now = this.clock.monotonic();
    if (this.#meters.size < MANY || now < this.#tidiedAt + TIDY_EVERY_MS) return;
    this.#tidiedAt = now;
    for (const [name, meter] of this.#meters) {
      if (meter.waiting === 0 && meter.isIdle(now)) this.#meters.delete(name);
    }
  }
}

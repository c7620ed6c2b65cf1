import type { Clock } from '../../core/clock.js';
import { LatencyHistogram } from './latency-histogram.js';
import { decay, PeakEwma } from './peak-ewma.js';
import { RecentCounts } from './recent-counts.js';
import { SilentTickets, type Waiting } from './silent-tickets.js';

/** What a request that fails costs whoever sent it: about what it takes to be answered elsewhere, and then some. */
const FAILURE_COST_MS = 5_000;
/** The least that one more request changes the share of failures by, however fast requests follow each other. */
const LEAST_WEIGHT = 0.1;
/** What a target costs of which nothing is known while its first request is under way; before that it costs nothing. */
const UNKNOWN_COST_MS = 1_000;
/** Silence that is shorter than this is never suspicious, and a p99 means nothing before this many answers. */
const LEAST_SILENCE_MS = 200;
const LEAST_ANSWERS = 20;
/** The p99 is looked up again after this many answers, or this long. */
const P99_ANSWERS = 16;
const P99_MS = 1_000;

const FINISHED = 0;
const FAILED = 1;

/** One request at a target, from dispatch to its end. */
export interface LoadTicket {
  /** The first content (or the whole answer) came. */
  answered(): void;
  /** The request is over; `failed` when the target was at fault. Does nothing when it was said before. */
  finished(failed: boolean): void;
}

/** Times from dispatch to the first content over the last minutes, in milliseconds; null before there are any. */
export interface LoadSnapshot {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly ewmaMs: number | null;
  readonly inFlight: number;
  /** Requests that ended within the last minutes, and the share of them that failed by the target's fault, from 0 to 1. */
  readonly requests: number;
  readonly errorRate: number;
}

/** How busy a target is and how fast it answers: what latency routing and the rule for suspects decide by. */
export class TargetLoad {
  readonly #clock: Clock;
  readonly #ewma = new PeakEwma();
  readonly #histogram: LatencyHistogram;
  readonly #ended: RecentCounts;
  readonly #silent = new SilentTickets();
  #inFlight = 0;
  #failureShare: number | null = null;
  #lastEndAt = 0;
  #answers = 0;
  #p99: { ms: number | null; at: number; answers: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#histogram = new LatencyHistogram(clock.monotonic());
    this.#ended = new RecentCounts(2, clock.monotonic());
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Counts one request from here on; whoever gets the ticket says `finished`. */
  started(): LoadTicket {
    this.#inFlight += 1;
    const ticket = new Ticket(this.#clock.monotonic(), this.#listener);
    this.#silent.add(ticket);
    return ticket;
  }

  /**
   * What one more request may take here, in milliseconds that mean something only beside those of other targets. The
   * present silence counts, and so do failures: a target that fails fast is not a fast one. 0 when nothing is known of it.
   */
  cost(): number {
    const now = this.#clock.monotonic();
    const failureMs = (this.#failureShare ?? 0) * decay(now - this.#lastEndAt) * FAILURE_COST_MS;
    const usualMs = this.#ewma.at(now) ?? (this.#inFlight === 0 ? 0 : UNKNOWN_COST_MS);
    const answerMs = Math.max(usualMs, this.#silent.longestMs(now));
    return (answerMs + failureMs) * (this.#inFlight + 1);
  }

  /** Tells whether at least `minRequests` requests are silent here for longer than the target's own p99. */
  isSuspect(minRequests: number): boolean {
    const least = Math.max(1, minRequests);
    if (this.#silent.size < least) return false;
    const now = this.#clock.monotonic();
    if (this.#silent.longestMs(now) <= LEAST_SILENCE_MS) return false;
    const p99Ms = this.#p99Ms(now);
    if (p99Ms === null) return false;
    return this.#silent.longestMs(now, least) > Math.max(LEAST_SILENCE_MS, p99Ms);
  }

  snapshot(): LoadSnapshot {
    const now = this.#clock.monotonic();
    this.#ended.forget(now);
    const requests = this.#ended.get(FINISHED);
    return {
      p50Ms: this.#histogram.percentile(0.5, now),
      p95Ms: this.#histogram.percentile(0.95, now),
      p99Ms: this.#histogram.percentile(0.99, now),
      ewmaMs: this.#ewma.at(now),
      inFlight: this.#inFlight,
      requests,
      errorRate: requests === 0 ? 0 : this.#ended.get(FAILED) / requests,
    };
  }

  // Null as long as there are too few answers for it.
  #p99Ms(now: number): number | null {
    const last = this.#p99;
    if (last && this.#answers - last.answers < P99_ANSWERS && now - last.at < P99_MS) return last.ms;
    const ms = this.#histogram.count(now) < LEAST_ANSWERS ? null : this.#histogram.percentile(0.99, now);
    this.#p99 = { ms, at: now, answers: this.#answers };
    return ms;
  }

  readonly #listener: Listener = {
    answered: (ticket) => {
      const now = this.#clock.monotonic();
      this.#silent.delete(ticket);
      this.#ewma.add(now - ticket.startedAt, now);
      this.#histogram.add(now - ticket.startedAt, now);
      this.#answers += 1;
    },
    finished: (ticket, failed) => {
      const now = this.#clock.monotonic();
      this.#inFlight -= 1;
      if (!ticket.hasAnswered) {
        this.#silent.delete(ticket);
        this.#ewma.addAtLeast(now - ticket.startedAt, now);
      }
      this.#noteEnd(failed, now);
    },
  };

  #noteEnd(failed: boolean, now: number): void {
    const weight = Math.max(LEAST_WEIGHT, 1 - decay(now - this.#lastEndAt));
    const share = failed ? 1 : 0;
    this.#failureShare = this.#failureShare === null ? share : this.#failureShare * (1 - weight) + share * weight;
    this.#lastEndAt = now;
    this.#ended.add(FINISHED, now);
    if (failed) this.#ended.add(FAILED, now);
  }
}

interface Listener {
  answered(ticket: Ticket): void;
  finished(ticket: Ticket, failed: boolean): void;
}

class Ticket implements LoadTicket, Waiting {
  previous: Waiting | null = null;
  next: Waiting | null = null;
  hasAnswered = false;
  #isOver = false;

  constructor(
    readonly startedAt: number,
    private readonly listener: Listener,
  ) {}

  answered(): void {
    if (this.hasAnswered || this.#isOver) return;
    this.hasAnswered = true;
    this.listener.answered(this);
  }

  finished(failed: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.listener.finished(this, failed);
  }
}

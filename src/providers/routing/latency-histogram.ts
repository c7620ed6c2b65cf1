import { RecentCounts } from './recent-counts.js';

/** Buckets grow by a sixteenth of a power of two, so that a percentile is at most 4.5 % above the truth. */
const BUCKETS_PER_DOUBLING = 16;
/** From one millisecond up to 2^20 of them, a quarter of an hour. */
const BUCKETS = 20 * BUCKETS_PER_DOUBLING;
/** The counter behind the buckets has the sum of them. */
const SUM = BUCKETS;

/** Times of the last minutes in buckets, for percentiles that need no sorting. */
export class LatencyHistogram {
  readonly #counts: RecentCounts;

  /** `nowMs` here and below is a reading of a clock that never jumps. */
  constructor(nowMs: number) {
    this.#counts = new RecentCounts(BUCKETS + 1, nowMs);
  }

  add(ms: number, nowMs: number): void {
    this.#counts.add(bucketOf(ms), nowMs);
    this.#counts.add(SUM, nowMs);
  }

  /** How many times it still knows. */
  count(nowMs: number): number {
    this.#counts.forget(nowMs);
    return this.#counts.get(SUM);
  }

  /** Milliseconds that the given share of all times does not exceed, rounded up to the bucket's end; null without any. */
  percentile(share: number, nowMs: number): number | null {
    const count = this.count(nowMs);
    if (count === 0) return null;
    let left = Math.max(1, Math.ceil(count * share));
    let bucket = -1;
    while (left > 0) {
      bucket += 1;
      left -= this.#counts.get(bucket);
    }
    return 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING);
  }
}

function bucketOf(ms: number): number {
  const bucket = Math.floor(Math.log2(Math.max(1, ms)) * BUCKETS_PER_DOUBLING);
  return Math.min(BUCKETS - 1, bucket);
}

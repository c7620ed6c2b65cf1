import type { Outcome } from './client.js';
import type { LoadResult } from './job.js';
import { percentilesOf } from './percentiles.js';

/** Adds up the outcomes of one measurement. */
export class Tally {
  readonly #latencies: number[] = [];
  readonly #firstBytes: number[] = [];
  #failures = 0;
  #firstFailure: string | null = null;

  /** `latencyMs` differs from the outcome's own where a request had to wait before it was sent. */
  add(outcome: Outcome, latencyMs = outcome.totalMs): void {
    if (outcome.fault !== null) {
      this.fail(outcome.fault);
      return;
    }
    this.#latencies.push(latencyMs);
    this.#firstBytes.push(outcome.firstByteMs + (latencyMs - outcome.totalMs));
  }

  fail(fault: string): void {
    this.#failures += 1;
    this.#firstFailure ??= fault;
  }

  result(seconds: number): LoadResult {
    return {
      requests: this.#latencies.length,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
      seconds,
      latency: percentilesOf(this.#latencies),
      firstByte: percentilesOf(this.#firstBytes),
    };
  }
}

import type { Percentiles } from './job.js';

/** Percentiles of measured times; NaN of none. */
export function percentilesOf(samples: readonly number[]): Percentiles {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

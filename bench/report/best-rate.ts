import type { Measurement } from '../measure.js';
import { spreadOf } from './spread.js';

/** The contestant's median rate per second where it is at its best; on few cores that is not the same concurrency for all. */
export function bestRate(measurements: readonly Measurement[], contestant: string, shape: string): number {
  const own = measurements.filter(
    (one) => one.contestant === contestant && one.shape === shape && one.ratePerSecond === null,
  );
  const rates = [...new Set(own.map(({ connections }) => connections))].map((connections) => {
    const at = own.filter((one) => one.connections === connections);
    return spreadOf(at.map(({ result }) => result.requests / result.seconds)).median;
  });
  return Math.max(...rates);
}

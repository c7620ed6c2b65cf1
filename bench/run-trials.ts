import type { Entrant } from './lineup.js';
import type { LoadJob } from './load/job.js';
import { type Apparatus, type Measurement, measure } from './measure.js';
import type { Options } from './options.js';
import { type Shape, SHAPES, shapeOf } from './shapes.js';
import { createRandom, shuffled } from './support/random.js';

const SWEEP_SHAPES = ['json-small', 'stream-burst'];
const SWEEP_TRIALS = 3;
const SWEEP_CONNECTIONS = 512;
/** A contestant that answers less than this share of what was offered, or slower, is not asked for more. */
const KEEPING_UP = 0.95;
const SLOW_MS = 500;

/** Every shape and concurrency with every contestant, in another order in each trial. */
export async function runClosedTrials(
  apparatus: Apparatus,
  entrants: readonly Entrant[],
  options: Options,
): Promise<Measurement[]> {
  const random = createRandom(options.seed);
  const cells = chosenShapes(options).flatMap((shape) =>
    shape.concurrency.map((connections) => ({ shape, connections })),
  );
  const measurements: Measurement[] = [];
  for (let trial = 1; trial <= options.trials; trial += 1) {
    for (const { shape, connections } of shuffled(cells, random)) {
      for (const entrant of shuffled(entrants, random)) {
        const job = toJob(entrant, shape, options, { connections });
        measurements.push(shown(await measure(apparatus, entrant, job, trial), job));
      }
    }
  }
  return measurements;
}

/** Rising rates of arrival, each contestant as far as it keeps up. */
export async function runSweep(
  apparatus: Apparatus,
  entrants: readonly Entrant[],
  options: Options,
): Promise<Measurement[]> {
  if (options.only.length > 0 && !options.only.includes('sweep')) return [];
  const random = createRandom(options.seed + 1);
  const measurements: Measurement[] = [];
  for (let trial = 1; trial <= Math.min(options.trials, SWEEP_TRIALS); trial += 1) {
    for (const name of SWEEP_SHAPES) {
      const fallen = new Set<Entrant>();
      const steps = options.rates.flatMap((rate) => shuffled(entrants, random).map((entrant) => ({ rate, entrant })));
      for (const { rate, entrant } of steps) {
        if (fallen.has(entrant)) continue;
        const job = toJob(entrant, shapeOf(name), options, { connections: SWEEP_CONNECTIONS, ratePerSecond: rate });
        const measured = shown(await measure(apparatus, entrant, job, trial), job);
        measurements.push(measured);
        if (!keepsUp(measured)) fallen.add(entrant);
      }
    }
  }
  return measurements;
}

function chosenShapes({ only }: Options): readonly Shape[] {
  const named = SHAPES.filter(({ name }) => only.includes(name));
  if (named.length > 0) return named;
  return only.length === 1 && only[0] === 'sweep' ? [] : SHAPES;
}

function toJob(
  { running }: Entrant,
  shape: Shape,
  options: Options,
  load: { connections: number; ratePerSecond?: number },
): LoadJob {
  const { connections, ratePerSecond = null } = load;
  // Five gaps at least, or nothing would have come back from the slow streams.
  const streamSeconds = (shape.deltas * shape.gapMs) / 1_000;
  return {
    endpoint: running.endpoint,
    shape: shape.name,
    connections,
    ratePerSecond,
    seconds: Math.max(options.seconds, streamSeconds * 3),
    warmupSeconds: Math.max(options.warmupSeconds, streamSeconds),
    seed: options.seed,
  };
}

function keepsUp({ result, ratePerSecond }: Measurement): boolean {
  const offered = (ratePerSecond ?? 0) * result.seconds;
  return result.requests >= offered * KEEPING_UP && result.latency.p99 < SLOW_MS;
}

function shown(measurement: Measurement, { ratePerSecond, connections }: LoadJob): Measurement {
  const { contestant, shape, trial, result, cpu } = measurement;
  const how = ratePerSecond === null ? `c=${String(connections)}` : `${String(ratePerSecond)}/s offered`;
  const perSecond = result.requests / result.seconds;
  const cpuMs = (1_000 * cpu.gateway) / Math.max(1, result.requests);
  const numbers = [
    `${perSecond.toFixed(0)}/s`,
    `p50 ${result.latency.p50.toFixed(2)}`,
    `p99 ${result.latency.p99.toFixed(2)} ms`,
    `first byte ${result.firstByte.p50.toFixed(2)}`,
    `CPU ${cpuMs.toFixed(3)} ms each`,
    `(load ${(cpu.load / result.seconds).toFixed(2)}, mock ${(cpu.mock / result.seconds).toFixed(2)}, db ${(cpu.database / result.seconds).toFixed(2)})`,
  ];
  const failures = result.failures === 0 ? '' : `  FAILED ${String(result.failures)}: ${result.firstFailure ?? ''}`;
  console.log(`[${String(trial)}] ${shape} ${how} ${contestant}: ${numbers.join('  ')}${failures}`);
  return measurement;
}

import { shapeOf } from '../shapes.js';
import { Client, requestBytes } from './client.js';
import type { LoadJob, LoadResult } from './job.js';
import { Tally } from './tally.js';

const PAUSE_AFTER_FAILURE_MS = 10;

/**
 * As many clients as connections, each sending its next request when it has the answer to the last. Counts requests
 * that ended within the measured time; `onMeasure` is called when the warm-up is over and when the measured time is.
 */
export async function runClosedLoop(job: LoadJob, onMeasure: (isOn: boolean) => void): Promise<LoadResult> {
  const shape = shapeOf(job.shape);
  const bytes = requestBytes(job.endpoint, shape);
  const tally = new Tally();
  let phase: 'warm-up' | 'measured' | 'over' = 'warm-up';
  const work = async (): Promise<void> => {
    const client = new Client(job.endpoint.port, shape, bytes);
    while (phase !== 'over') {
      const outcome = await client.send();
      if (phase === 'measured') tally.add(outcome);
      if (outcome.fault !== null) await sleep(PAUSE_AFTER_FAILURE_MS);
    }
    client.close();
  };
  const clients = Array.from({ length: job.connections }, work);
  await sleep(job.warmupSeconds * 1_000);
  onMeasure(true);
  phase = 'measured';
  const startedAt = performance.now();
  await sleep(job.seconds * 1_000);
  const seconds = (performance.now() - startedAt) / 1_000;
  phase = 'over';
  onMeasure(false);
  await Promise.all(clients);
  return tally.result(seconds);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

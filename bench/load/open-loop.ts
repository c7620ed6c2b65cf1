import { shapeOf } from '../shapes.js';
import { createRandom } from '../support/random.js';
import { Client, requestBytes } from './client.js';
import type { LoadJob, LoadResult } from './job.js';
import { Tally } from './tally.js';

/**
 * Requests arrive at a rate, at random moments, whether or not the answers keep up. A latency counts from the moment of
 * arrival, also when every connection was busy then.
 */
export async function runOpenLoop(job: LoadJob, onMeasure: (isOn: boolean) => void): Promise<LoadResult> {
  const { ratePerSecond } = job;
  if (ratePerSecond === null) throw new Error('The open loop needs a rate.');
  const shape = shapeOf(job.shape);
  const bytes = requestBytes(job.endpoint, shape);
  const tally = new Tally();
  const idle: Client[] = Array.from({ length: job.connections }, () => new Client(job.endpoint.port, shape, bytes));
  const waiting: number[] = [];
  const running = new Set<Promise<void>>();
  const serve = async (client: Client, firstArrival: number): Promise<void> => {
    for (let arrival: number | undefined = firstArrival; arrival !== undefined; arrival = waiting.shift()) {
      const outcome = await client.send();
      tally.add(outcome, performance.now() - arrival);
    }
    idle.push(client);
  };
  const arrive = (at: number): void => {
    const client = idle.pop();
    if (!client) waiting.push(at);
    else {
      const served = serve(client, at);
      running.add(served);
      void served.then(() => running.delete(served));
    }
  };
  onMeasure(true);
  const seconds = await offer(job, ratePerSecond, arrive);
  onMeasure(false);
  for (const _ of waiting.splice(0)) tally.fail('no free connection until the end');
  await Promise.all(running);
  for (const client of idle) client.close();
  return tally.result(seconds);
}

function offer(job: LoadJob, ratePerSecond: number, arrive: (at: number) => void): Promise<number> {
  const random = createRandom(job.seed);
  const gapMs = (): number => (-Math.log(1 - random()) * 1_000) / ratePerSecond;
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const endsAt = startedAt + job.seconds * 1_000;
    let next = startedAt + gapMs();
    const step = (): void => {
      const now = performance.now();
      for (; next <= now && next < endsAt; next += gapMs()) arrive(next);
      if (now >= endsAt) resolve((now - startedAt) / 1_000);
      else if (next - now > 2) setTimeout(step, 1);
      else setImmediate(step);
    };
    step();
  });
}

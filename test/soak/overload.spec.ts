import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { LoadJob, LoadReport } from '../support/load-generator.js';
import { LoadProcesses } from '../support/load-processes.js';
import { chatBody, OverloadBench } from '../support/overload-bench.js';

const SEATS = 40;
const UPSTREAM_MS = 200;
const PEAK_SECONDS = 10;
const SECONDS = Number(process.env.SOAK_SECONDS ?? 60);
const TIMES = 3;
const REFUSAL_MS = 100;
const RECOVERY_MS = 10_000;
const MOST_GROWTH_BYTES = 200 * 1024 ** 2;
const bench = new OverloadBench();
let processes: LoadProcesses;

beforeAll(async () => {
  processes = await LoadProcesses.start(UPSTREAM_MS);
  await bench.open({ MAX_IN_FLIGHT: String(SEATS) }, { providerUrl: processes.providerUrl });
});

afterAll(async () => {
  processes.stop();
  await bench.close();
});

function load(pace: LoadJob['pace'], seconds: number): Promise<LoadReport> {
  const url = bench.urlOf('/v1/chat/completions');
  return processes.run({ url, headers: bench.headers, body: chatBody('Hello'), seconds, pace });
}

const answeredPerSecond = ({ statuses, seconds }: LoadReport): number => (statuses['200'] ?? 0) / seconds;
const memory = (): Promise<number> => bench.metric('process_resident_memory_bytes');
const processorSeconds = (): Promise<number> => bench.metric('process_cpu_seconds_total');
const at = (times: readonly number[], share: number): number =>
  times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
const shown = (times: readonly number[]): string =>
  [0.5, 0.99, 1].map((share) => at(times, share).toFixed(0)).join('/');

/** How long it takes until a second goes by in which half the load that fits is served whole. */
async function recoveryMs(): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const { statuses } = await load({ clients: SEATS / 2 }, 1);
    const isNormal = Object.keys(statuses).every((status) => status === '200');
    if (isNormal || performance.now() - startedAt > RECOVERY_MS) return performance.now() - startedAt;
  }
}

it(`R10 ${String(TIMES)} times as many requests as it can take, for ${String(SECONDS)} s`, async () => {
  // What it does when exactly as many ask as it takes, each again as soon as it was answered; once to warm up.
  await load({ clients: SEATS }, PEAK_SECONDS / 2);
  const peak = answeredPerSecond(await load({ clients: SEATS }, PEAK_SECONDS));
  const [bytesBefore, processorBefore] = [await memory(), await processorSeconds()];
  const report = await load({ perSecond: peak * TIMES }, SECONDS);
  const growth = (await memory()) - bytesBefore;
  const processor = ((await processorSeconds()) - processorBefore) / report.seconds;
  const recovered = await recoveryMs();
  const goodput = answeredPerSecond(report);
  const { statuses, refusalServerMs, refusalClientMs } = report;
  const reasons = await Promise.all(
    ['full', 'waited', 'event-loop', 'heap', 'memory'].map(
      async (reason) =>
        `${reason} ${String(await bench.metric('trunkline_admission_refusals_total', `{reason="${reason}"}`))}`,
    ),
  );
  process.stdout.write(
    `peak ${peak.toFixed(0)}/s; offered ${(peak * TIMES).toFixed(0)}/s: goodput ${goodput.toFixed(0)}/s ` +
      `(${((goodput / peak) * 100).toFixed(0)} %), answers ${JSON.stringify(statuses)}; refusals (p50/p99/most) in ` +
      `${shown(refusalServerMs)} ms, seen by clients ${shown(refusalClientMs)} ms; processor ${processor.toFixed(2)}; ` +
      `memory ${(growth / 1024 ** 2).toFixed(0)} MiB more; normal again after ${recovered.toFixed(0)} ms; ${reasons.join(', ')}\n`,
  );
  expect(Object.keys(statuses).sort()).toEqual(['200', '503']);
  expect(report.silentRefusals).toBe(0);
  expect(goodput).toBeGreaterThanOrEqual(0.9 * peak);
  expect(at(refusalServerMs, 0.99)).toBeLessThanOrEqual(REFUSAL_MS);
  expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
  expect(recovered).toBeLessThan(RECOVERY_MS);
});

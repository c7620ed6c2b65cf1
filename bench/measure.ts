import type { RunningContestant } from './contestants/contestant.js';
import type { LoadJob, LoadResult } from './load/job.js';
import type { LoadProcess } from './load/load-process.js';
import type { MockProcess } from './mock/mock-process.js';
import { cpuSeconds, residentBytes, treeOf } from './support/process-usage.js';

/** What one measurement gave. CPU in seconds over the measured time; memory in bytes; NaN where it cannot be known. */
export interface Measurement {
  readonly contestant: string;
  readonly shape: string;
  readonly connections: number;
  readonly ratePerSecond: number | null;
  readonly trial: number;
  readonly result: LoadResult;
  readonly cpu: { gateway: number; database: number; load: number; mock: number };
  readonly peakBytes: number;
}

export interface Apparatus {
  readonly load: LoadProcess;
  readonly mock: MockProcess;
}

const MEMORY_EVERY_MS = 100;

/** Runs one job against a contestant and watches its processes meanwhile. */
export async function measure(
  { load, mock }: Apparatus,
  contestant: { name: string; running: RunningContestant },
  job: LoadJob,
  trial: number,
): Promise<Measurement> {
  const { running } = contestant;
  const gateway = running.pid === null ? [] : treeOf(running.pid);
  const database = (await running.otherPids?.()) ?? [];
  const groups = { gateway, database, load: [load.pid], mock: [mock.pid] };
  const used = (): Measurement['cpu'] => ({
    gateway: cpuSeconds(groups.gateway),
    database: cpuSeconds(groups.database),
    load: cpuSeconds(groups.load),
    mock: cpuSeconds(groups.mock),
  });
  let before = used();
  let after = before;
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(gateway));
  }, MEMORY_EVERY_MS);
  const result = await load.run(job, {
    started: () => {
      before = used();
    },
    ended: () => {
      after = used();
    },
  });
  clearInterval(timer);
  const cpu = {
    gateway: after.gateway - before.gateway,
    database: after.database - before.database,
    load: after.load - before.load,
    mock: after.mock - before.mock,
  };
  const { shape, connections, ratePerSecond } = job;
  return { contestant: contestant.name, shape, connections, ratePerSecond, trial, result, cpu, peakBytes };
}

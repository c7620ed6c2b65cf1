import { runClosedLoop } from './closed-loop.js';
import type { LoadJob, LoadResult } from './job.js';
import { runOpenLoop } from './open-loop.js';

/** What the load's process tells its parent. */
export type LoadMessage =
  | { type: 'measuring' }
  | { type: 'measured' }
  | { type: 'result'; result: LoadResult }
  | { type: 'failed'; message: string };

/** Runs the jobs that the parent sends. */
export function serveJobs(): void {
  const tell = (message: LoadMessage): void => {
    process.send?.(message);
  };
  const onMeasure = (isOn: boolean): void => {
    tell({ type: isOn ? 'measuring' : 'measured' });
  };
  process.on('message', (job: LoadJob) => {
    const run = job.ratePerSecond === null ? runClosedLoop : runOpenLoop;
    run(job, onMeasure).then(
      (result) => {
        tell({ type: 'result', result });
      },
      (error: unknown) => {
        tell({ type: 'failed', message: String(error) });
      },
    );
  });
  process.on('disconnect', () => process.exit());
}

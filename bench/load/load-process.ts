import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { endProcess } from '../support/child.js';
import type { LoadJob, LoadResult, Percentiles } from './job.js';
import type { LoadMessage } from './serve-jobs.js';

export interface Watch {
  /** The warm-up is over. */
  started(): void;
  /** The measured time is over; answers may still be on their way. */
  ended(): void;
}

// What is no number does not survive the way between two processes: nothing was answered in time.
function revived(result: LoadResult): LoadResult {
  return { ...result, latency: numbers(result.latency), firstByte: numbers(result.firstByte) };
}

function numbers(percentiles: { readonly [Name in keyof Percentiles]: number | null }): Percentiles {
  const { p50, p90, p99 } = percentiles;
  return { p50: p50 ?? NaN, p90: p90 ?? NaN, p99: p99 ?? NaN };
}

/** The process that makes the load. */
export class LoadProcess {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'worker.ts'));

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Runs one job at a time. */
  run(job: LoadJob, watch: Watch): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#child.off('message', onMessage).off('exit', onExit);
        act();
      };
      const onExit = (): void => {
        settle(() => {
          reject(new Error('The process of the load ended.'));
        });
      };
      const onMessage = (message: LoadMessage): void => {
        if (message.type === 'measuring') watch.started();
        else if (message.type === 'measured') watch.ended();
        else {
          settle(() => {
            if (message.type === 'result') resolve(revived(message.result));
            else reject(new Error(message.message));
          });
        }
      };
      this.#child.on('message', onMessage).once('exit', onExit);
      this.#child.send(job);
    });
  }

  stop(): Promise<void> {
    return endProcess(this.#child);
  }
}

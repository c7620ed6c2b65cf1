import cluster, { type Worker } from 'node:cluster';
import { FORCED_EXIT_CODE, SAME_SIGNAL_MS } from '../core/stop-signals.js';
import type { SupervisorMessage, WorkerMessage } from '../core/worker-messages.js';
import { WorkersMetrics } from './workers-metrics.js';

/** A worker that lived shorter than this is replaced only after a pause, which grows up to the longest. */
const STEADY_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Runs `count` workers on one port: the first one alone until it listens, because it migrates the database and makes the
 * first key. A worker that dies is replaced. SIGTERM and SIGINT go to all of them, and the process ends when they have
 * ended: with 1 when one of them failed, or when the first never came to listen.
 */
export function superviseWorkers(count: number): void {
  new Supervisor(count).start();
}

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

class Supervisor {
  readonly #count: number;
  readonly #metrics = new WorkersMetrics(() => this.#live(), send);
  /** Of the workers that have no successor yet. */
  readonly #startedAt = new Map<number, number>();
  #isReady = false;
  #stoppingSince: number | null = null;
  #signal: string | null = null;
  #exitCode = 0;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(count: number) {
    this.#count = count;
  }

  start(): void {
    cluster.on('message', (worker, message: WorkerMessage) => {
      this.#onMessage(worker, message);
    });
    process.on('SIGTERM', () => {
      this.#stop('SIGTERM');
    });
    process.on('SIGINT', () => {
      this.#stop('SIGINT');
    });
    this.#fork();
  }

  #fork(): void {
    if (this.#stoppingSince !== null) return;
    const worker = cluster.fork();
    this.#startedAt.set(worker.id, performance.now());
    worker.once('exit', (code: number | null, signal: string | null) => {
      this.#onExit(worker, { code, signal });
    });
  }

  #onMessage(worker: Worker, message: WorkerMessage): void {
    if (message.type === 'leaving') {
      this.#replace(worker);
      return;
    }
    if (message.type !== 'ready') {
      this.#metrics.onMessage(worker, message);
      return;
    }
    if (this.#isReady) return;
    this.#isReady = true;
    for (let index = 1; index < this.#count; index += 1) this.#fork();
  }

  #onExit(worker: Worker, { code, signal }: Exit): void {
    this.#metrics.forget(worker.id);
    if (this.#stoppingSince !== null || !this.#isReady) {
      // One that was not yet listening ends by the signal itself.
      const isStopped = signal !== null && signal === this.#signal;
      if (code !== 0 && !isStopped) this.#exitCode = 1;
      if (this.#live().length === 0) process.exit(this.#exitCode);
      return;
    }
    process.stderr.write(`Worker ${String(worker.id)} ended (${code === null ? 'killed' : `code ${String(code)}`}).\n`);
    this.#replace(worker);
  }

  // Once for each: one that takes leave has its successor before it is gone.
  #replace(worker: Worker): void {
    const startedAt = this.#startedAt.get(worker.id);
    if (startedAt === undefined) return;
    this.#startedAt.delete(worker.id);
    const isSteady = performance.now() - startedAt >= STEADY_MS;
    setTimeout(
      () => {
        this.#fork();
      },
      isSteady ? 0 : this.#pauseMs,
    );
    this.#pauseMs = isSteady ? FIRST_PAUSE_MS : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #stop(signal: 'SIGTERM' | 'SIGINT'): void {
    const now = performance.now();
    if (this.#stoppingSince !== null) {
      if (now - this.#stoppingSince <= SAME_SIGNAL_MS) return;
      for (const worker of this.#live()) worker.process.kill('SIGKILL');
      process.exit(FORCED_EXIT_CODE);
    }
    this.#stoppingSince = now;
    this.#signal = signal;
    const live = this.#live();
    if (live.length === 0) process.exit(this.#exitCode);
    for (const worker of live) worker.process.kill(signal);
  }

  #live(): Worker[] {
    return Object.values(cluster.workers ?? {}).filter(
      (worker) => worker !== undefined && !worker.isDead(),
    ) as Worker[];
  }
}

function send(worker: Worker, message: SupervisorMessage): void {
  // A worker that is going away has nobody left to tell.
  if (worker.isConnected()) worker.send(message, () => undefined);
}

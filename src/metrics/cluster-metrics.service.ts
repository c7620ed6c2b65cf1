import cluster from 'node:cluster';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import type { SupervisorMessage, WorkerMessage } from '../core/worker-messages.js';

/** Longer than the supervisor waits for a worker that is late. */
const ANSWER_MS = 3_000;

/** Speaks with the supervising process where this one is a worker among others, because a scrape reaches only one of them. */
@Injectable()
export class ClusterMetrics implements OnModuleInit {
  readonly #waiting = new Map<number, (text: string) => void>();
  #lastId = 0;
  #refresh: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly registry: Registry,
    private readonly clock: Clock,
  ) {}

  /** True when there may be other workers. */
  get isWorker(): boolean {
    return cluster.isWorker;
  }

  onModuleInit(): void {
    if (cluster.isWorker) process.on('message', this.#onMessage);
  }

  /** Called before this worker's numbers are read for another one. */
  onCollect(refresh: () => Promise<void>): void {
    this.#refresh = refresh;
  }

  /** The metrics of all workers in Prometheus' text format. Rejects with `dependency_unavailable` when nobody answers. */
  async collect(): Promise<string> {
    const id = (this.#lastId += 1);
    const answer = new Promise<string>((resolve, reject) => {
      const cancel = this.clock.schedule(() => {
        this.#waiting.delete(id);
        reject(new AppError('dependency_unavailable', 'The metrics of the other workers did not come. Try again.'));
      }, ANSWER_MS);
      this.#waiting.set(id, (text) => {
        cancel();
        this.#waiting.delete(id);
        resolve(text);
      });
    });
    tell({ type: 'metrics-wanted', id });
    return answer;
  }

  readonly #onMessage = (message: SupervisorMessage): void => {
    if (message.type === 'metrics-text') this.#waiting.get(message.id)?.(message.text);
    else void this.#report(message.id);
  };

  async #report(id: number): Promise<void> {
    await this.#refresh();
    tell({ type: 'metrics', id, metrics: await this.registry.getMetricsAsJSON() });
  }
}

function tell(message: WorkerMessage): void {
  // A supervisor that is gone takes its workers along; there is nobody to be told of it.
  process.send?.(message, () => undefined);
}

import type { Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { SupervisorMessage, WorkerMessage } from '../core/worker-messages.js';

/** A worker that does not answer in time is shown as it was the last time. */
const LATE_MS = 1_000;

interface Collection {
  readonly asker: Worker;
  readonly askerId: number;
  readonly missing: Set<number>;
  readonly timer: NodeJS.Timeout;
}

type MetricsMessage = Exclude<WorkerMessage, { type: 'ready' | 'leaving' }>;

/**
 * Puts the metrics of all workers together: counters and histograms are summed, gauges as each of them says. What a worker
 * that ended had counted when it was last asked stays in the sums: they must not fall.
 */
export class WorkersMetrics {
  readonly #workers: () => readonly Worker[];
  readonly #send: (worker: Worker, message: SupervisorMessage) => void;
  readonly #latest = new Map<number, object[]>();
  #ended: object[] = [];
  readonly #collections = new Map<number, Collection>();
  #lastId = 0;

  constructor(workers: () => readonly Worker[], send: (worker: Worker, message: SupervisorMessage) => void) {
    this.#workers = workers;
    this.#send = send;
  }

  onMessage(worker: Worker, message: MetricsMessage): void {
    if (message.type === 'metrics-wanted') this.#collect(worker, message.id);
    else this.#receive(worker, message.id, message.metrics);
  }

  /** The worker is gone: its gauges are, too, and what it counted is kept. */
  forget(workerId: number): void {
    this.#ended = sumOf([this.#ended, (this.#latest.get(workerId) ?? []).filter(isCounted)]);
    this.#latest.delete(workerId);
    for (const [id, collection] of this.#collections) {
      collection.missing.delete(workerId);
      this.#finishWhenWhole(id, collection);
    }
  }

  #collect(asker: Worker, askerId: number): void {
    const workers = this.#workers();
    const id = (this.#lastId += 1);
    const timer = setTimeout(() => {
      this.#finish(id);
    }, LATE_MS);
    this.#collections.set(id, { asker, askerId, missing: new Set(workers.map((worker) => worker.id)), timer });
    for (const worker of workers) this.#send(worker, { type: 'metrics-collect', id });
  }

  #receive(worker: Worker, id: number, metrics: object[]): void {
    // The last words of a worker may come after its end, and would count twice.
    if (!this.#workers().includes(worker)) return;
    this.#latest.set(worker.id, metrics);
    const collection = this.#collections.get(id);
    if (!collection) return;
    collection.missing.delete(worker.id);
    this.#finishWhenWhole(id, collection);
  }

  #finishWhenWhole(id: number, { missing }: Collection): void {
    if (missing.size === 0) this.#finish(id);
  }

  #finish(id: number): void {
    const collection = this.#collections.get(id);
    if (!collection) return;
    this.#collections.delete(id);
    clearTimeout(collection.timer);
    const registry = AggregatorRegistry.aggregate([...this.#latest.values(), this.#ended]);
    void registry.metrics().then((text) => {
      this.#send(collection.asker, { type: 'metrics-text', id: collection.askerId, text });
    });
  }
}

function isCounted(metric: object): boolean {
  return 'type' in metric && (metric.type === 'counter' || metric.type === 'histogram');
}

function sumOf(metrics: object[][]): object[] {
  return AggregatorRegistry.aggregate(metrics).getMetricsAsArray();
}

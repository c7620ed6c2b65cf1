import { Gauge, type Registry } from 'prom-client';
import type { Backlog } from '../../core/telemetry/metric-sources.js';

type Numbers = Readonly<Record<string, number>>;

/** The series about what waits in the database; all workers see the same, so that one of them is enough. */
export class BacklogInstruments {
  readonly #depth: Gauge<'queue'>;
  readonly #oldest: Gauge<'queue'>;
  readonly #pending: Gauge;
  readonly #oldestPending: Gauge;
  readonly #overdue: Gauge;
  readonly #batches: Gauge<'status'>;

  constructor(registry: Registry) {
    const shared = { registers: [registry], aggregator: 'first' as const };
    const labelled = { ...shared, labelNames: ['queue' as const] };
    this.#depth = new Gauge({ ...labelled, name: 'trunkline_queue_depth', help: 'Jobs that wait, by queue.' });
    this.#oldest = new Gauge({
      ...labelled,
      name: 'trunkline_queue_oldest_seconds',
      help: 'How long the job that waits longest could have been begun.',
    });
    this.#pending = new Gauge({ ...shared, name: 'trunkline_webhook_pending', help: 'Deliveries that wait.' });
    this.#oldestPending = new Gauge({
      ...shared,
      name: 'trunkline_webhook_oldest_pending_seconds',
      help: 'Age of the oldest delivery that waits.',
    });
    this.#overdue = new Gauge({
      ...shared,
      name: 'trunkline_webhook_overdue_seconds',
      help: 'How late the next try of a delivery is.',
    });
    this.#batches = new Gauge({
      ...shared,
      name: 'trunkline_batches',
      help: 'Batches that are not over, and those that ended within a day.',
      labelNames: ['status'],
    });
  }

  /** What waits, with the labels already bounded; null where it could not be asked in time, and then nothing is shown. */
  show(depths: Numbers | null, backlog: Backlog | null): void {
    for (const gauge of [this.#depth, this.#oldest, this.#batches]) gauge.reset();
    // Without labels a gauge that was reset says 0, which would be a lie.
    for (const gauge of [this.#pending, this.#oldestPending, this.#overdue]) gauge.remove();
    for (const [queue, depth] of Object.entries(depths ?? {})) {
      this.#depth.set({ queue }, depth);
      if (backlog) this.#oldest.set({ queue }, backlog.oldestJobSeconds[queue] ?? 0);
    }
    if (!backlog) return;
    const { webhooks, batches } = backlog;
    this.#pending.set(webhooks.pending);
    this.#oldestPending.set(webhooks.oldestSeconds);
    this.#overdue.set(webhooks.overdueSeconds);
    for (const [status, count] of Object.entries(batches)) this.#batches.set({ status }, count);
  }
}

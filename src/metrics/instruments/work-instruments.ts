import { Counter, Histogram, type Registry } from 'prom-client';

const JOB_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600];
const STAGE_SECONDS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300];
const DELIVERY_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The series about what is done in the background: jobs, their stages, lines of batches, deliveries to webhooks. */
export class WorkInstruments {
  readonly jobs: Counter<'kind' | 'outcome'>;
  readonly jobSeconds: Histogram<'kind'>;
  readonly stageSeconds: Histogram<'kind' | 'stage'>;
  readonly deliveries: Counter<'outcome'>;
  readonly deliverySeconds: Histogram;
  readonly batchLines: Counter<'outcome'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.jobs = new Counter({
      name: 'trunkline_job_attempts_total',
      help: 'Attempts at jobs, by how they ended.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    this.jobSeconds = new Histogram({
      name: 'trunkline_job_duration_seconds',
      help: 'How long attempts at jobs took.',
      labelNames: ['kind'],
      buckets: JOB_SECONDS,
      registers,
    });
    this.stageSeconds = new Histogram({
      name: 'trunkline_job_stage_seconds',
      help: 'How long the parts of jobs took, each piece of work for itself.',
      labelNames: ['kind', 'stage'],
      buckets: STAGE_SECONDS,
      registers,
    });
    this.deliveries = new Counter({
      name: 'trunkline_webhook_deliveries_total',
      help: 'Tries to deliver to webhooks, by what became of them.',
      labelNames: ['outcome'],
      registers,
    });
    this.deliverySeconds = new Histogram({
      name: 'trunkline_webhook_delivery_seconds',
      help: 'How long receivers of webhooks took to answer.',
      buckets: DELIVERY_SECONDS,
      registers,
    });
    this.batchLines = new Counter({
      name: 'trunkline_batch_lines_total',
      help: 'Lines of batches that got their results.',
      labelNames: ['outcome'],
      registers,
    });
  }
}

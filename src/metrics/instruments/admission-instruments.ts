import { Counter, Histogram, type Registry } from 'prom-client';

const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** The series about requests that found this process full. */
export class AdmissionInstruments {
  readonly refusals: Counter<'reason'>;
  readonly wait: Histogram;

  constructor(registry: Registry) {
    this.refusals = new Counter({
      name: 'trunkline_admission_refusals_total',
      help: 'Requests and messages that were turned away because the process was full.',
      labelNames: ['reason'],
      registers: [registry],
    });
    this.wait = new Histogram({
      name: 'trunkline_admission_wait_seconds',
      help: 'How long requests waited that were let in after others had ended.',
      buckets: WAIT_SECONDS,
      registers: [registry],
    });
  }
}

import { Counter, type Registry } from 'prom-client';

/** The series about requests with an `Idempotency-Key`. */
export class IdempotencyInstruments {
  readonly requests: Counter<'outcome'>;

  constructor(registry: Registry) {
    this.requests = new Counter({
      name: 'trunkline_idempotency_requests_total',
      help: 'What became of requests with an Idempotency-Key.',
      labelNames: ['outcome'],
      registers: [registry],
    });
  }
}

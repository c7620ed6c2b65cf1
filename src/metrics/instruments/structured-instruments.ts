import { Counter, type Registry } from 'prom-client';

/** What checks of answers in JSON count. */
export class StructuredInstruments {
  readonly checks: Counter<'feature' | 'outcome'>;

  constructor(registry: Registry) {
    this.checks = new Counter({
      name: 'trunkline_structured_checks_total',
      help: 'Answers in JSON that were checked against their schemas, by what came of it.',
      labelNames: ['feature', 'outcome'],
      registers: [registry],
    });
  }
}

import { Counter, type Registry } from 'prom-client';

/** The series about limits of keys and projects. */
export class LimitInstruments {
  readonly refusals: Counter<'owner' | 'kind'>;

  constructor(registry: Registry) {
    this.refusals = new Counter({
      name: 'trunkline_limit_refusals_total',
      help: 'Requests that a limit of a key or a project turned away.',
      labelNames: ['owner', 'kind'],
      registers: [registry],
    });
  }
}

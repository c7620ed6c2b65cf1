import { Counter, type Registry } from 'prom-client';

/** The series about requests that went to a second target because the first was slow. */
export class HedgeInstruments {
  readonly finished: Counter<'provider' | 'model' | 'outcome'>;
  readonly refusals: Counter<'provider' | 'model' | 'reason'>;

  constructor(registry: Registry) {
    this.finished = new Counter({
      name: 'trunkline_hedges_total',
      help: 'Second requests sent because the target was slow; won: the second one answered.',
      labelNames: ['provider', 'model', 'outcome'],
      registers: [registry],
    });
    this.refusals = new Counter({
      name: 'trunkline_hedge_refusals_total',
      help: 'Second requests that were due and not sent.',
      labelNames: ['provider', 'model', 'reason'],
      registers: [registry],
    });
  }
}

import { Counter, type Registry } from 'prom-client';

/** What is told about budgets. */
export class BudgetInstruments {
  readonly refusals: Counter<'owner' | 'window'>;
  readonly thresholds: Counter<'owner' | 'window' | 'percent'>;
  readonly overage: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.refusals = new Counter({
      name: 'trunkline_budget_refusals_total',
      help: 'Requests refused because a budget had not enough left.',
      labelNames: ['owner', 'window'],
      registers,
    });
    this.thresholds = new Counter({
      name: 'trunkline_budget_thresholds_reached_total',
      help: 'Thresholds that the spending of budgets reached, each once in a window.',
      labelNames: ['owner', 'window', 'percent'],
      registers,
    });
    this.overage = new Counter({
      name: 'trunkline_budget_overage_usd_total',
      help: 'What budgeted requests cost beyond what was reserved for them, in US dollars.',
      registers,
    });
  }
}

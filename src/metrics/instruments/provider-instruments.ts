import { type Aggregator, Counter, Gauge, type Registry } from 'prom-client';
import type { ProviderGauges } from '../../core/telemetry/metric-sources.js';

type Trouble = 'provider' | 'reason';

/** Instruments of the troubles of providers, and of what is read off them at a scrape, registered with one registry. */
export class ProviderInstruments {
  readonly coolDowns: Counter<Trouble>;
  readonly alarms: Counter<Trouble>;
  readonly #credentials: Gauge<'provider'>;
  readonly #usableCredentials: Gauge<'provider'>;
  readonly #inUse: Gauge<'provider'>;
  readonly #queued: Gauge<'provider'>;
  readonly #refused: Counter<'provider'>;

  constructor(registry: Registry) {
    const gauge = (name: string, help: string, aggregator: Aggregator = 'sum'): Gauge<'provider'> =>
      new Gauge({
        name: `trunkline_provider_${name}`,
        help,
        aggregator,
        labelNames: ['provider'],
        registers: [registry],
      });
    // Every worker has all of them.
    this.#credentials = gauge('credentials', 'Credentials of a provider; one where none is needed.', 'max');
    this.#usableCredentials = gauge('credentials_usable', 'Of them, neither refused nor without money.', 'min');
    this.#inUse = gauge('limit_in_use', 'Requests under way at a provider that has limits.');
    this.#queued = gauge('queue_length', "Requests that wait for a provider's limits.");
    this.coolDowns = new Counter({
      name: 'trunkline_credential_cool_downs_total',
      help: 'Credentials that were taken out of use: for a while, or until a probe.',
      labelNames: ['provider', 'reason'],
      registers: [registry],
    });
    this.alarms = new Counter({
      name: 'trunkline_provider_alarms_total',
      help: 'Troubles at a provider that only the operator can mend.',
      labelNames: ['provider', 'reason'],
      registers: [registry],
    });
    this.#refused = new Counter({
      name: 'trunkline_provider_limit_refusals_total',
      help: "Requests that a provider's limits turned away.",
      labelNames: ['provider'],
      registers: [registry],
    });
  }

  /** Shows these providers and no others. Those without limits have no numbers about them. */
  show(providers: readonly ProviderGauges[]): void {
    for (const instrument of [this.#credentials, this.#usableCredentials, this.#inUse, this.#queued, this.#refused]) {
      instrument.reset();
    }
    for (const { provider, credentials, limits } of providers) {
      this.#credentials.set({ provider }, credentials.total);
      this.#usableCredentials.set({ provider }, credentials.usable);
      if (!limits) continue;
      this.#inUse.set({ provider }, limits.inUse);
      this.#queued.set({ provider }, limits.queued);
      this.#refused.inc({ provider }, limits.refused);
    }
  }
}

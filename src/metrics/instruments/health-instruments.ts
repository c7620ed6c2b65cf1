import { Gauge, type Registry } from 'prom-client';
import type { ReadinessGauges } from '../../core/telemetry/metric-sources.js';

const LIMIT_STORES = ['redis', 'database'] as const;

/** The series about whether requests should be sent here. */
export class HealthInstruments {
  readonly #ready: Gauge;
  readonly #dependencies: Gauge<'dependency'>;
  readonly #limitStore: Gauge<'store'>;
  readonly #clockSkew: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#ready = new Gauge({
      name: 'trunkline_ready',
      help: 'Whether requests should be sent here, as /health/ready says; of workers the worst.',
      aggregator: 'min',
      registers,
    });
    this.#dependencies = new Gauge({
      name: 'trunkline_dependency_up',
      help: 'Whether what the server needs or uses works: 0 when it is away or degraded.',
      labelNames: ['dependency'],
      aggregator: 'min',
      registers,
    });
    this.#limitStore = new Gauge({
      name: 'trunkline_limit_store_active',
      help: 'Where limits are counted at present.',
      labelNames: ['store'],
      aggregator: 'max',
      registers,
    });
    this.#clockSkew = new Gauge({
      name: 'trunkline_clock_skew_seconds',
      help: "How far the clock of this machine is ahead of the database's; less than 0 when it is behind.",
      aggregator: 'first',
      registers,
    });
  }

  /** How the clock of this process stands. */
  showClock(skewSeconds: number): void {
    this.#clockSkew.set(skewSeconds);
  }

  /** What the probes would say; null when they did not answer in time, which is not ready. */
  show(readiness: ReadinessGauges | null, limitStore: string | null): void {
    this.#dependencies.reset();
    this.#ready.set(readiness?.isReady === true ? 1 : 0);
    for (const [dependency, isUp] of Object.entries(readiness?.dependencies ?? {})) {
      this.#dependencies.set({ dependency }, isUp ? 1 : 0);
    }
    for (const store of LIMIT_STORES) this.#limitStore.set({ store }, store === limitStore ? 1 : 0);
  }
}

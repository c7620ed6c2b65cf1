import { Counter, Gauge, type Registry } from 'prom-client';
import type { PoolGauges } from '../../core/telemetry/metric-sources.js';

/** The series about the connections to the database. */
export class DatabaseInstruments {
  readonly #size: Gauge;
  readonly #inUse: Gauge;
  readonly #waiting: Gauge;
  readonly #acquires: Counter;
  readonly #failures: Counter;
  readonly #waited: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    const gauge = (name: string, help: string): Gauge =>
      new Gauge({ name: `trunkline_database_pool_${name}`, help, registers });
    const counter = (name: string, help: string): Counter =>
      new Counter({ name: `trunkline_database_${name}_total`, help, registers });
    this.#size = gauge('size', 'Connections that the pool may have.');
    this.#inUse = gauge('in_use', 'Connections that somebody works with.');
    this.#waiting = gauge('waiting', 'Who waits for a connection.');
    this.#acquires = counter('acquires', 'How often a connection was asked for.');
    this.#failures = counter('acquire_failures', 'How often none was got.');
    this.#waited = counter('acquire_seconds', 'How long all of them together waited for a connection.');
  }

  /** The pool as it stands; null shows nothing new. */
  show(pool: PoolGauges | null): void {
    if (!pool) return;
    this.#size.set(pool.size);
    this.#inUse.set(pool.inUse);
    this.#waiting.set(pool.waiting);
    setCounter(this.#acquires, pool.acquires);
    setCounter(this.#failures, pool.failures);
    setCounter(this.#waited, pool.waitedSeconds);
  }
}

/** Shows what is counted elsewhere since the start. */
export function setCounter(counter: Counter, count: number): void {
  counter.reset();
  counter.inc(count);
}

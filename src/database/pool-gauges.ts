import type { DataSource } from 'typeorm';
import type { PoolGauges } from '../core/telemetry/metric-sources.js';
import { AvailabilityPool } from './availability-pool.js';

/** The pool behind a data source as it stands; null before there is one. */
export function poolGaugesOf({ driver }: DataSource): PoolGauges | null {
  const pool = 'master' in driver ? driver.master : null;
  return pool instanceof AvailabilityPool ? pool.gauges : null;
}

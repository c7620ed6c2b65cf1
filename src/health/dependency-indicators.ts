import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { DrainState } from '../core/drain-state.js';
import { DatabaseHealth } from '../database/database-health.js';
import { JobQueue } from '../jobs/job-queue.js';
import type { TargetHealth } from '../providers/model-info.js';
import { ProviderRegistry } from '../providers/provider-registry.js';

/** One check may take this long; they run side by side, so a probe is answered within two seconds. */
const TIMEOUT_MS = 1500;
/** Probes that come faster share an answer: nobody without a key can make the database work harder. */
const REUSE_MS = 500;

/** What readiness hangs on. What an indicator says goes to everybody, so it never repeats an error. */
@Injectable()
export class DependencyIndicators {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly drain: DrainState,
    private readonly database: DatabaseHealth,
    private readonly queue: JobQueue,
    private readonly registry: ProviderRegistry,
  ) {}

  /** Down while the server drains. */
  checkServer(): HealthIndicatorResult {
    const session = this.indicators.check('server');
    return this.drain.isDraining ? session.down('draining') : session.up();
  }

  /** Down while the database does not answer or is not migrated. */
  checkDatabase(): PromiseLike<HealthIndicatorResult> {
    return this.#attempt('database', () => this.database.check());
  }

  /** Down while jobs cannot be queued. */
  checkQueue(): PromiseLike<HealthIndicatorResult> {
    return this.#attempt('queue', () => this.queue.isHealthy());
  }

  /** Degraded, never down, while a provider is sick: one vendor's outage must not take this server out of rotation. */
  checkProviders(): HealthIndicatorResult {
    const targets = this.registry.health();
    const sick = targets.filter(isSick).length;
    const session = this.indicators.check('providers');
    return sick > 0 ? session.degraded({ sick, known: targets.length }) : session.up();
  }

  #attempt(name: string, check: () => Promise<unknown>): PromiseLike<HealthIndicatorResult> {
    return this.indicators
      .check(name)
      .attempt(async () => {
        if (!(await succeeds(check))) throw new Error('unavailable');
      })
      .withTimeout(TIMEOUT_MS)
      .cacheFor(REUSE_MS);
  }
}

// A pause that a provider asked for is no sickness.
function isSick(target: TargetHealth): boolean {
  return target.breaker !== 'closed' || (target.coolDown !== null && target.coolDown.reason !== 'rate-limited');
}

// A check says no by throwing or by false.
async function succeeds(check: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await check()) !== false;
  } catch {
    return false;
  }
}

import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { ServerConfig } from '../config/server-config.js';
import { LiveInstances } from '../core/live-instances.js';
import { OptionalDependencies } from '../core/optional-dependencies.js';
import { runsJobs } from '../core/process-role.js';

/** What the server works without, if it has to: degraded, never down. */
@Injectable()
export class OptionalIndicators {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly dependencies: OptionalDependencies,
    private readonly server: ServerConfig,
    private readonly instances: LiveInstances,
  ) {}

  /** What the process is for, and one check for each that is configured. */
  checks(): (() => HealthIndicatorResult)[] {
    const { role } = this.server;
    return [() => this.indicators.check('role').up(role), ...this.#states().map((state) => this.#toCheck(state))];
  }

  // Without a process that runs them jobs only wait; one may be on its way.
  #states(): readonly (readonly [string, boolean])[] {
    const states = this.dependencies.states();
    return runsJobs(this.server.role) ? states : [...states, ['workers', this.instances.workers > 0]];
  }

  #toCheck([name, isUp]: readonly [string, boolean]): () => HealthIndicatorResult {
    return () => {
      const session = this.indicators.check(name);
      return isUp ? session.up() : session.degraded('unavailable');
    };
  }
}

import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { OptionalDependencies } from '../core/optional-dependencies.js';

/** What the server works without, if it has to: degraded, never down. */
@Injectable()
export class OptionalIndicators {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly dependencies: OptionalDependencies,
  ) {}

  /** One check for each that is configured. */
  checks(): (() => HealthIndicatorResult)[] {
    return this.dependencies.states().map(([name, isUp]) => () => {
      const session = this.indicators.check(name);
      return isUp ? session.up() : session.degraded('unavailable');
    });
  }
}

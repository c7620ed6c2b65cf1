import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { NeededDependencies } from '../core/needed-dependencies.js';

/** What no request can be taken without, beside database and queue. */
@Injectable()
export class NeededIndicators {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly dependencies: NeededDependencies,
  ) {}

  /** One check for each that this process has. */
  checks(): (() => HealthIndicatorResult)[] {
    return this.dependencies.states().map(([name, isUp]) => () => {
      const session = this.indicators.check(name);
      return isUp ? session.up() : session.down('unavailable');
    });
  }
}

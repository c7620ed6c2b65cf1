import { Injectable, Logger, ServiceUnavailableException } from '@nestjs/common';
import { type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { DependencyIndicators } from './dependency-indicators.js';
import { NeededIndicators } from './needed-indicators.js';
import { OptionalIndicators } from './optional-indicators.js';

export interface Readiness {
  isReady: boolean;
  result: HealthCheckResult;
}

/** Whether requests should be sent here. */
@Injectable()
export class ReadinessService {
  readonly #logger = new Logger(ReadinessService.name);
  #hasBeenReady = false;
  #wasReady = true;

  constructor(
    private readonly health: HealthCheckService,
    private readonly dependencies: DependencyIndicators,
    private readonly needed: NeededIndicators,
    private readonly optional: OptionalIndicators,
  ) {}

  /** True once the server was ready for the first time, and for ever after. */
  get hasBeenReady(): boolean {
    return this.#hasBeenReady;
  }

  /** Asks every dependency, within two seconds. Each change is logged once. */
  async check(): Promise<Readiness> {
    const readiness = await this.#ask();
    if (readiness.isReady !== this.#wasReady) {
      const down = Object.keys(readiness.result.error ?? {}).join(', ');
      this.#logger.warn(readiness.isReady ? 'Ready again.' : `Not ready: ${down}.`);
    }
    this.#wasReady = readiness.isReady;
    this.#hasBeenReady ||= readiness.isReady;
    return readiness;
  }

  async #ask(): Promise<Readiness> {
    const { dependencies } = this;
    try {
      const result = await this.health.check([
        () => dependencies.checkServer(),
        () => dependencies.checkDatabase(),
        () => dependencies.checkQueue(),
        () => dependencies.checkProviders(),
        ...this.needed.checks(),
        ...this.optional.checks(),
      ]);
      return { isReady: true, result };
    } catch (error) {
      // Terminus throws what it found; a probe gets that and no error of this product's own shape.
      if (!(error instanceof ServiceUnavailableException)) throw error;
      return { isReady: false, result: error.getResponse() as HealthCheckResult };
    }
  }
}

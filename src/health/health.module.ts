import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DrainState } from '../core/drain-state.js';
import { BacklogReader } from './backlog.js';
import { DependencyIndicators } from './dependency-indicators.js';
import { HealthController } from './health.controller.js';
import { MetricSourcesBinding } from './metric-sources.binding.js';
import { NeededIndicators } from './needed-indicators.js';
import { OptionalIndicators } from './optional-indicators.js';
import { ReadinessService } from './readiness.service.js';
import { StateGaugesBinding } from './state-gauges.binding.js';

/** The probes, and the state of draining that main turns on. */
@Global()
@Module({
  // Readiness logs its changes itself, not every failed probe.
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [
    DrainState,
    DependencyIndicators,
    NeededIndicators,
    OptionalIndicators,
    ReadinessService,
    MetricSourcesBinding,
    StateGaugesBinding,
    BacklogReader,
  ],
  exports: [DrainState],
})
export class HealthModule {}

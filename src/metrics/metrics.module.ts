import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { MetricLabels } from './metric-labels.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsService } from './metrics.service.js';
import { PrometheusTelemetry } from './prometheus-telemetry.js';

/** Binds Telemetry to Prometheus for the whole application and serves `/metrics`. */
@Global()
@Module({
  controllers: [MetricsController],
  providers: [
    { provide: Registry, useFactory: () => new Registry() },
    MetricSources,
    MetricLabels,
    PrometheusTelemetry,
    { provide: Telemetry, useExisting: PrometheusTelemetry },
    MetricsService,
  ],
  exports: [Telemetry, MetricSources],
})
export class MetricsModule implements OnModuleInit {
  constructor(private readonly registry: Registry) {}

  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
  }
}

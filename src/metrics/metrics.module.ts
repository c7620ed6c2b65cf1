import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { ClusterMetrics } from './cluster-metrics.service.js';
import { CostInterceptor } from './cost.interceptor.js';
import { LatencyInterceptor } from './latency.interceptor.js';
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
    ClusterMetrics,
    MetricsService,
    { provide: APP_INTERCEPTOR, useClass: LatencyInterceptor },
    { provide: APP_INTERCEPTOR, useClass: CostInterceptor },
  ],
  exports: [Telemetry, MetricSources],
})
export class MetricsModule implements OnModuleInit {
  constructor(private readonly registry: Registry) {}

  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
  }
}

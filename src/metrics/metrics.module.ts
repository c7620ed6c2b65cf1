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
import { ScrapedMetrics } from './scraped-metrics.service.js';

// One worker that hangs, or dies again and again, is one too many: an average would hide it, and nothing would show it.
const WORST_OF_WORKERS = [
  ...['mean', 'p50', 'p90', 'p99'].map((part) => `nodejs_eventloop_lag_${part}_seconds`),
  'process_start_time_seconds',
];

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
    ScrapedMetrics,
    MetricsService,
    { provide: APP_INTERCEPTOR, useClass: LatencyInterceptor },
    { provide: APP_INTERCEPTOR, useClass: CostInterceptor },
  ],
  exports: [Telemetry, MetricSources],
})
export class MetricsModule implements OnModuleInit {
  constructor(
    private readonly registry: Registry,
    private readonly telemetry: PrometheusTelemetry,
  ) {}

  onModuleInit(): void {
    collectDefaultMetrics({ register: this.registry });
    this.telemetry.startAtZero();
    for (const name of WORST_OF_WORKERS) showWorst(this.registry.getSingleMetric(name));
  }
}

function showWorst(metric: object | undefined): void {
  if (metric) Object.assign(metric, { aggregator: 'max' });
}

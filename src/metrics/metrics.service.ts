import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { ClusterMetrics } from './cluster-metrics.service.js';
import { PrometheusTelemetry } from './prometheus-telemetry.js';
import { ScrapedMetrics } from './scraped-metrics.service.js';

/** What a scraper gets. */
@Injectable()
export class MetricsService {
  constructor(
    private readonly registry: Registry,
    private readonly telemetry: PrometheusTelemetry,
    private readonly sources: MetricSources,
    private readonly scraped: ScrapedMetrics,
    private readonly cluster: ClusterMetrics,
  ) {
    cluster.onCollect(() => this.#refresh());
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /**
   * Every metric in Prometheus' text format, of all workers of this server together; what cannot be counted in time, such
   * as queue depths while the database is away, is left out.
   */
  async render(): Promise<string> {
    if (this.cluster.isWorker) return this.cluster.collect();
    await this.#refresh();
    return this.registry.metrics();
  }

  async #refresh(): Promise<void> {
    this.telemetry.showPresent(this.sources.providers());
    await this.scraped.refresh();
  }
}

import { Injectable } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Clock } from '../core/clock.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { ClusterMetrics } from './cluster-metrics.service.js';
import { PrometheusTelemetry } from './prometheus-telemetry.js';

/** A scrape must not hang because a database does. */
const QUEUE_DEPTH_TIMEOUT_MS = 1000;

/** What a scraper gets. */
@Injectable()
export class MetricsService {
  constructor(
    private readonly registry: Registry,
    private readonly telemetry: PrometheusTelemetry,
    private readonly sources: MetricSources,
    private readonly clock: Clock,
    private readonly cluster: ClusterMetrics,
  ) {
    cluster.onCollect(() => this.#refresh());
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /**
   * Every metric in Prometheus' text format, of all workers of this server together; queue depths are left out when they
   * cannot be counted in time.
   */
  async render(): Promise<string> {
    if (this.cluster.isWorker) return this.cluster.collect();
    await this.#refresh();
    return this.registry.metrics();
  }

  async #refresh(): Promise<void> {
    this.telemetry.providersSeen(this.sources.providers());
    await this.#refreshQueueDepths();
  }

  async #refreshQueueDepths(): Promise<void> {
    const depths = await this.#queueDepths();
    this.telemetry.forgetQueueDepths();
    for (const [queue, depth] of Object.entries(depths)) this.telemetry.queueDepth({ queue, depth });
  }

  async #queueDepths(): Promise<Readonly<Record<string, number>>> {
    const done = new AbortController();
    const timeout = this.clock.sleep(QUEUE_DEPTH_TIMEOUT_MS, done.signal).then(
      () => ({}),
      () => ({}),
    );
    try {
      return await Promise.race([this.sources.queueDepths(), timeout]);
    } catch {
      return {};
    } finally {
      done.abort();
    }
  }
}

import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { FakeClock } from '../../test/support/fake-clock.js';
import type { DatabaseConfig } from '../config/database-config.js';
import type { GatewayConfig } from '../config/gateway-config.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { ClusterMetrics } from './cluster-metrics.service.js';
import { MetricLabels } from './metric-labels.js';
import { MetricsService } from './metrics.service.js';
import { PrometheusTelemetry } from './prometheus-telemetry.js';
import { ScrapedMetrics } from './scraped-metrics.service.js';

const GATEWAY = { providers: [], models: [], prices: {} } as unknown as GatewayConfig;

describe('MetricsService', () => {
  let clock: FakeClock;
  let sources: MetricSources;
  let metrics: MetricsService;

  beforeEach(() => {
    clock = new FakeClock();
    sources = new MetricSources();
    const registry = new Registry();
    const labels = new MetricLabels(GATEWAY, sources);
    const telemetry = new PrometheusTelemetry(registry, labels);
    const scraped = new ScrapedMetrics(registry, labels, sources, clock, { dataDir: '.' } as DatabaseConfig);
    metrics = new MetricsService(registry, telemetry, sources, scraped, new ClusterMetrics(registry, clock));
  });

  it('asks for the queue depths at every scrape and leaves no timer behind', async () => {
    sources.queueDepths = () => Promise.resolve({ 'rag.index': 3, mail: 0 });
    expect(await metrics.render()).toContain('trunkline_queue_depth{queue="rag.index"} 3');
    sources.queueDepths = () => Promise.resolve({ mail: 1 });
    const text = await metrics.render();
    expect(text).toContain('trunkline_queue_depth{queue="mail"} 1');
    expect(text).not.toContain('rag.index');
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks nothing again that is not answered yet, however many scrapes there are', async () => {
    let asked = 0;
    let answer: (depths: Record<string, number>) => void = () => undefined;
    sources.queueDepths = () => {
      asked += 1;
      return new Promise((resolve) => (answer = resolve));
    };
    const scrapes = [metrics.render(), metrics.render()];
    await clock.advance(1_000);
    await Promise.all(scrapes);
    const late = metrics.render();
    answer({ mail: 3 });
    expect(await late).toContain('trunkline_queue_depth{queue="mail"} 3');
    expect(asked).toBe(1);
    const next = metrics.render();
    answer({ mail: 4 });
    expect(await next).toContain('trunkline_queue_depth{queue="mail"} 4');
    expect(asked).toBe(2);
  });

  it.each<[string, () => Promise<Record<string, number>>]>([
    ['fails', () => Promise.reject(new Error('database away'))],
    [
      'throws',
      () => {
        throw new Error('not started');
      },
    ],
    ['hangs', () => new Promise(() => undefined)],
  ])('serves the other metrics while the queue %s', async (_name, queueDepths) => {
    sources.queueDepths = queueDepths;
    const rendered = metrics.render();
    await clock.advance(1000);
    const text = await rendered;
    expect(text).toContain('# TYPE trunkline_http_requests_total counter');
    expect(text).not.toContain('trunkline_queue_depth{');
  });
});

import { randomBytes } from 'node:crypto';
import { FakeCollector } from '../fakes/fake-collector.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { FakeReranker } from '../fakes/fake-reranker.js';
import { FakeToolServer } from '../fakes/fake-tool-server.js';
import type { CollectedSpan } from '../fakes/read-spans.js';
import { startTestApp, type TestApp } from './test-app.js';

/** A trace that a client has begun. */
export interface ClientTrace {
  readonly id: string;
  readonly headers: { readonly traceparent: string };
  /** The client's own span. */
  readonly spanId: string;
}

export const CITY = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };

/** The application with a collector of its traces and two servers that answer, `west` taking part in traces. */
export class TraceWorld {
  readonly collector = new FakeCollector();
  readonly east = new FakeOpenAi();
  readonly west = new FakeOpenAi();
  readonly tools = new FakeToolServer();
  readonly judge = new FakeReranker();

  async start(env: Record<string, string> = {}): Promise<TestApp> {
    const { collector, east, west, tools, judge } = this;
    await Promise.all([collector, east, west, tools, judge].map((fake) => fake.start()));
    return startTestApp({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=very%20secret',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
        OTEL_BSP_SCHEDULE_DELAY: '10',
        ...env,
      },
      gateway: {
        providers: {
          east: { type: 'openai-compatible', base_url: east.url, api_keys: ['sk-east-secret'] },
          west: { type: 'openai-compatible', base_url: west.url, api_keys: ['sk-west-secret'], trace_context: true },
          judge: { type: 'jina', base_url: `${judge.origin}/v1` },
        },
        models: {
          pair: { targets: ['east/m', 'west/m'] },
          hedged: { targets: ['east/h', 'west/h'], hedge: { after: 'p95', max_extra: 0.5 } },
          lasting: { targets: ['east/m', 'west/m'], on_stream_failure: 'continue' },
          kept: { targets: ['east/m'], caches: { exact: {}, semantic: { threshold: 0.7 } } },
        },
        caches: { semantic: { timeout_ms: 10_000 } },
        prices: { 'east/m': { input: 1, output: 2 }, 'west/m': { input: 1, output: 2 } },
        defaults: { chat: 'pair', embeddings: 'local/lexical-384' },
        tools: { weather: { description: 'The weather.', parameters: CITY, url: `${tools.url}/weather/{city}` } },
      },
    });
  }

  reset(): void {
    for (const fake of [this.east, this.west]) fake.reset();
    this.tools.reset();
    this.judge.reset();
    this.collector.reset();
  }

  async stop(): Promise<void> {
    this.tools.stop();
    await Promise.all([this.east, this.west, this.collector, this.judge].map((fake) => fake.stop()));
  }

  /** Every span of a trace, once the one of the request or message itself has come. */
  async trace(traceId: string): Promise<CollectedSpan[]> {
    await this.collector.waitFor((span) => span.traceId === traceId && span.kind === 'server');
    return this.collector.spans.filter((span) => span.traceId === traceId);
  }
}

/** A trace of a client, sampled unless said otherwise. */
export function clientTrace(flags = '01'): ClientTrace {
  const [id, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { id, spanId, headers: { traceparent: `00-${id}-${spanId}-${flags}` } };
}

/** The spans as a tree, one in a line, each below the one that it is part of and in the order they began. */
export function treeOf(spans: readonly CollectedSpan[], parent?: string): string[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const isChild = (span: CollectedSpan): boolean =>
    parent === undefined ? !known.has(span.parentSpanId) : span.parentSpanId === parent;
  return spans
    .filter(isChild)
    .sort((left, right) => Number(left.startNs - right.startNs))
    .flatMap((span) => [
      `${span.kind} ${span.name}${span.isError ? ' !' : ''}`,
      ...treeOf(spans, span.spanId).map((line) => `  ${line}`),
    ]);
}

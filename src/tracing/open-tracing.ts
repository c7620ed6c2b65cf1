import { randomUUID } from 'node:crypto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TraceExportConfig } from '../config/tracing-config.js';
import type { Clock } from '../core/clock.js';
import type { Telemetry } from '../core/telemetry/telemetry.js';
import { type Tracer, Tracing } from '../core/telemetry/tracing.js';
import { SpanQueue } from './span-queue.js';
import { SpanSender } from './span-sender.js';
import { SpanTracer } from './span-tracer.js';

const SCOPE = 'trunkline';
/** Clients choose some of what spans say. */
const LONGEST_VALUE = 1_024;
/** What the end of the process may wait for a collector. */
const CLOSE_MS = 3_000;

/** What tracing needs of the application. */
export interface TracingServices {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly version: string;
}

/** Tracing with OpenTelemetry's SDK, which is given all of its settings. */
class OpenTracing extends Tracing {
  constructor(
    override readonly tracer: Tracer,
    private readonly queue: SpanQueue,
  ) {
    super();
  }

  override close(): Promise<void> {
    return this.queue.close(CLOSE_MS);
  }
}

/** Starts tracing. */
export function openTracing(config: TraceExportConfig, { clock, telemetry, version }: TracingServices): Tracing {
  const queue = new SpanQueue({ sender: new SpanSender(config, clock), limits: config.queue, clock, telemetry });
  const attributes = {
    'service.version': version,
    // Several processes on one machine are told apart by it.
    'service.instance.id': randomUUID(),
    'process.pid': process.pid,
    ...config.resourceAttributes,
  };
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(attributes)),
    sampler: createSampler(config),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [queue],
  });
  return new OpenTracing(new SpanTracer(provider.getTracer(SCOPE, version)), queue);
}

function createSampler({ sampler, samplingRatio }: TraceExportConfig): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(samplingRatio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(samplingRatio) });
  }
}

/** How a trace is chosen to be kept, by the names of `OTEL_TRACES_SAMPLER`. */
export const TRACE_SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type TraceSampler = (typeof TRACE_SAMPLERS)[number];

/** Where spans go, and how. */
export interface TraceExportConfig {
  /** The whole address that spans are posted to. */
  readonly url: string;
  /** By lower-case name; they may hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
  /** For one export with all its tries. */
  readonly timeoutMs: number;
  /** `service.name` is among them. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: TraceSampler;
  /** The part of traces that a sampler by ratio keeps, from 0 to 1. */
  readonly samplingRatio: number;
  readonly queue: {
    readonly delayMs: number;
    /** Spans that may wait; what comes beyond is dropped. */
    readonly maxSpans: number;
    readonly batchSpans: number;
  };
}

/** Whether and how requests are traced; type and injection token in one. */
export abstract class TracingConfig {
  /** Null when tracing is off. */
  abstract readonly export: TraceExportConfig | null;
}

import { readPairs } from './read-pairs.js';
import type { TracingConfig } from './tracing-config.js';
import type { TracingVariables } from './tracing-variables.js';

/** Whether and how requests are traced, by variables that are valid. */
export function toTracingConfig(variables: TracingVariables): TracingConfig {
  const url = urlOf(variables);
  if (variables.OTEL_SDK_DISABLED || variables.OTEL_TRACES_EXPORTER === 'none' || url === null) return { export: null };
  const attributes = Object.fromEntries(readPairs(variables.OTEL_RESOURCE_ATTRIBUTES ?? '') ?? []);
  return {
    export: {
      url,
      headers: headersOf(variables),
      isCompressed: variables.OTEL_EXPORTER_OTLP_COMPRESSION === 'gzip',
      timeoutMs: Math.min(variables.OTEL_EXPORTER_OTLP_TIMEOUT, variables.OTEL_BSP_EXPORT_TIMEOUT),
      resourceAttributes: {
        ...attributes,
        'service.name': variables.OTEL_SERVICE_NAME ?? attributes['service.name'] ?? 'trunkline',
      },
      sampler: variables.OTEL_TRACES_SAMPLER,
      samplingRatio: variables.OTEL_TRACES_SAMPLER_ARG,
      queue: {
        delayMs: variables.OTEL_BSP_SCHEDULE_DELAY,
        maxSpans: variables.OTEL_BSP_MAX_QUEUE_SIZE,
        batchSpans: Math.min(variables.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, variables.OTEL_BSP_MAX_QUEUE_SIZE),
      },
    },
  };
}

function urlOf(variables: TracingVariables): string | null {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = variables;
  if (whole !== null) return whole;
  return base === null ? null : `${base.replace(/\/+$/, '')}/v1/traces`;
}

function headersOf(variables: TracingVariables): Record<string, string> {
  const lists = [variables.OTEL_EXPORTER_OTLP_HEADERS, variables.OTEL_EXPORTER_OTLP_TRACES_HEADERS];
  const pairs = lists.flatMap((list) => readPairs(list ?? '') ?? []);
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}

import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsNumber, IsOptional, Matches } from 'class-validator';
import { toBoolean, toRatio } from './convert-variable.js';
import { TRACE_SAMPLERS, type TraceSampler } from './tracing-config.js';
import { IsHeaderList, IsServiceUrl, IsTagList } from './variable-validators.js';
import { WholeNumber } from './whole-number.js';

const PROTOCOL_MESSAGE = 'must be http/protobuf, the one protocol that traces are sent by';

/** A decorator for the one protocol there is. */
function OneProtocol(): PropertyDecorator {
  return IsIn(['http/protobuf'], { message: PROTOCOL_MESSAGE });
}

/** OpenTelemetry's own variables, as far as traces are concerned, by their standard names and with their standard defaults. */
export class TracingVariables {
  /** Turns tracing off whatever else is set. */
  @Transform(({ value }) => toBoolean(typeof value === 'string' ? value.toLowerCase() : value))
  @IsBoolean({ message: 'must be true or false' })
  OTEL_SDK_DISABLED = false;

  @IsIn(['otlp', 'none'], { message: 'must be otlp or none' })
  OTEL_TRACES_EXPORTER: 'otlp' | 'none' = 'otlp';

  /** The collector; `/v1/traces` is added. Without it and the next one tracing is off. */
  @IsOptional()
  @IsServiceUrl(['http:', 'https:'])
  OTEL_EXPORTER_OTLP_ENDPOINT: string | null = null;

  /** The whole address for traces. */
  @IsOptional()
  @IsServiceUrl(['http:', 'https:'])
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: string | null = null;

  /** `name=value` pairs separated by commas, values percent-encoded. */
  @IsOptional()
  @IsHeaderList()
  OTEL_EXPORTER_OTLP_HEADERS: string | null = null;

  /** On top of the others. */
  @IsOptional()
  @IsHeaderList()
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: string | null = null;

  @OneProtocol()
  OTEL_EXPORTER_OTLP_PROTOCOL = 'http/protobuf';

  @IsOptional()
  @OneProtocol()
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: string | null = null;

  @IsIn(['gzip', 'none'], { message: 'must be gzip or none' })
  OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' | 'none' = 'none';

  /** Milliseconds. */
  @WholeNumber(1, 600_000)
  OTEL_EXPORTER_OTLP_TIMEOUT = 10_000;

  /** Without it the `service.name` of the next one, or `trunkline`. */
  @IsOptional()
  @Matches(/^[\x20-\x7e]{1,255}$/, { message: 'must be 1 to 255 printable ASCII characters' })
  OTEL_SERVICE_NAME: string | null = null;

  /** `name=value` pairs separated by commas. */
  @IsOptional()
  @IsTagList()
  OTEL_RESOURCE_ATTRIBUTES: string | null = null;

  @IsIn(TRACE_SAMPLERS, { message: `must be one of ${TRACE_SAMPLERS.join(', ')}` })
  OTEL_TRACES_SAMPLER: TraceSampler = 'parentbased_always_on';

  /** The part of traces that is kept, for the samplers by ratio. */
  @Transform(({ value }) => toRatio(value))
  @IsNumber({}, { message: 'must be a number from 0 to 1' })
  OTEL_TRACES_SAMPLER_ARG = 1;

  /** Milliseconds that spans wait for others to be sent with. */
  @WholeNumber(1, 600_000)
  OTEL_BSP_SCHEDULE_DELAY = 5_000;

  @WholeNumber(1, 1_000_000)
  OTEL_BSP_MAX_QUEUE_SIZE = 2_048;

  @WholeNumber(1, 100_000)
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE = 512;

  /** Milliseconds for one export; the shorter of this and OTEL_EXPORTER_OTLP_TIMEOUT counts. */
  @WholeNumber(1, 600_000)
  OTEL_BSP_EXPORT_TIMEOUT = 30_000;
}

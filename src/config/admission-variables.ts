import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Min } from 'class-validator';
import type { AdmissionConfig } from './admission-config.js';
import { toBytes } from './convert-variable.js';
import { TracingVariables } from './tracing-variables.js';
import { WholeNumber } from './whole-number.js';

/** When this process takes no more work. */
export class AdmissionVariables extends TracingVariables {
  /** Requests under way at once; without a value one for each 256 KiB of the heap. 0 is any number. */
  @IsOptional()
  @WholeNumber(0, 1_000_000)
  MAX_IN_FLIGHT: number | null = null;

  /** Requests that may wait for one of those to end; without a value a quarter of them. */
  @IsOptional()
  @WholeNumber(0, 1_000_000)
  ADMISSION_QUEUE_SIZE: number | null = null;

  @WholeNumber(0, 600_000)
  ADMISSION_WAIT_MS = 75;

  /** How late the event loop may be for a while. 0 does not ask. */
  @WholeNumber(0, 60_000)
  MAX_EVENT_LOOP_DELAY_MS = 200;

  /** Of the heap, and of the container's memory. 0 does not ask. */
  @WholeNumber(0, 100)
  MAX_MEMORY_PERCENT = 85;

  /** Of all bodies that are read or worked on; without a value a sixteenth of the heap. 0 is any size. */
  @IsOptional()
  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 256mb, 512kb or a number of bytes' })
  @Min(0, { message: 'must be at least 0' })
  BODY_MEMORY_LIMIT: number | null = null;
}

/** The slice of the configuration. */
export function toAdmissionConfig(variables: AdmissionVariables): AdmissionConfig {
  return {
    maxInFlight: variables.MAX_IN_FLIGHT,
    queueSize: variables.ADMISSION_QUEUE_SIZE,
    waitMs: variables.ADMISSION_WAIT_MS,
    maxLoopDelayMs: variables.MAX_EVENT_LOOP_DELAY_MS,
    maxMemoryPercent: variables.MAX_MEMORY_PERCENT,
    bodyMemoryBytes: variables.BODY_MEMORY_LIMIT,
  };
}

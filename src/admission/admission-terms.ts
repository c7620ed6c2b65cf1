import type { AdmissionConfig } from '../config/admission-config.js';

/** A request may keep about as much: a body that is too small to be counted, as text, parsed and sent on. */
const BYTES_OF_A_SEAT = 256 * 1024;
const FEWEST_SEATS = 64;
const MOST_SEATS = 10_000;
/** A body is in memory several times at once: as bytes, as text, parsed, and sent on. */
const BODY_SHARE = 1 / 16;
/** What is not heap: code, buffers, the embedded database. */
const HEAP_OF_CONTAINER = 0.5;

/** What is admitted, where 0 in the configuration became Infinity; type and injection token in one. */
export abstract class AdmissionTerms {
  abstract readonly maxSeats: number;
  abstract readonly queueSize: number;
  abstract readonly bodyBytes: number;
}

/** The numbers that the configuration leaves open, by the memory there is. */
export function toAdmissionTerms(
  config: AdmissionConfig,
  memory: { readonly heapLimitBytes: number; readonly containerLimitBytes: number | null },
  workers: number,
): AdmissionTerms {
  const share = ((memory.containerLimitBytes ?? Infinity) * HEAP_OF_CONTAINER) / workers;
  const bytes = Math.min(memory.heapLimitBytes, share);
  const byMemory = Math.min(MOST_SEATS, Math.max(FEWEST_SEATS, Math.floor(bytes / BYTES_OF_A_SEAT)));
  const maxSeats = orAny(config.maxInFlight ?? byMemory);
  return {
    maxSeats,
    queueSize: config.queueSize ?? (maxSeats === Infinity ? 0 : Math.ceil(maxSeats / 4)),
    bodyBytes: orAny(config.bodyMemoryBytes ?? Math.floor(bytes * BODY_SHARE)),
  };
}

function orAny(limit: number): number {
  return limit === 0 ? Infinity : limit;
}

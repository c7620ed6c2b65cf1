/** When this process takes no more work; type and injection token in one. */
export abstract class AdmissionConfig {
  /** Requests under way at once; null is by memory, 0 is any number. */
  abstract readonly maxInFlight: number | null;
  /** Requests that may wait for one of those to end; null is a quarter of them. */
  abstract readonly queueSize: number | null;
  /** How long they wait at most. */
  abstract readonly waitMs: number;
  /** How late the event loop may be; 0 is not asked. */
  abstract readonly maxLoopDelayMs: number;
  /** How much of the memory may be in use, in percent; 0 is not asked. */
  abstract readonly maxMemoryPercent: number;
  /** How large bodies may be together that are read or worked on; null is by memory, 0 is any size. */
  abstract readonly bodyMemoryBytes: number | null;
}

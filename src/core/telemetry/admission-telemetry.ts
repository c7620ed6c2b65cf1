/**
 * Why a request was turned away before any work was done for it: every seat is taken and the queue is full, nobody left in
 * time, the event loop is late, or the heap, the container's memory or the room for bodies is used up.
 */
export type OverloadReason = 'full' | 'waited' | 'event-loop' | 'heap' | 'memory' | 'bodies';

/** How full this process is. */
export interface AdmissionGauges {
  readonly inFlight: number;
  readonly queued: number;
  /** How many requests may be under way now; Infinity where it is not limited. */
  readonly seats: number;
  readonly bodyBytes: number;
}

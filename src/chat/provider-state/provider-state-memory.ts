import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../core/clock.js';
import { sizeOf, type ToolCallState } from './tool-call-state.js';

/** How long a state is kept: the longest that a tool may take, people included. */
export const STATE_TTL_MS = 6 * 3_600_000;
/** A larger state is not kept: the client has to do without. */
const LARGEST_STATE_BYTES = 1_048_576;
const MEMORY_BYTES = 16_777_216;
const MEMORY_ENTRIES = 20_000;
/** Another replica may be about to write what was not found a moment ago. */
const ABSENCE_TTL_MS = 5_000;
const LARGEST_KEY_BYTES = 2_048;
const NOTHING = { isNothing: true };
const NOTHING_BYTES = 200;

/** The states of the last tool calls of every project; the oldest make room, by number and by bytes. */
@Injectable()
export class ProviderStateMemory {
  readonly #entries: LRUCache<string, ToolCallState | typeof NOTHING>;

  constructor(clock: Clock) {
    this.#entries = new LRUCache({
      max: MEMORY_ENTRIES,
      maxSize: MEMORY_BYTES,
      // Ids are part of it: clients and providers may choose them as long as they like.
      maxEntrySize: LARGEST_STATE_BYTES + LARGEST_KEY_BYTES,
      sizeCalculation: (entry, key) => key.length * 2 + ('isNothing' in entry ? NOTHING_BYTES : sizeOf(entry)),
      ttl: STATE_TTL_MS,
      ttlResolution: 0,
      perf: { now: () => clock.monotonic() },
    });
  }

  /** The state of a call; null when there is known to be none, undefined when nothing is known. */
  get(projectId: string, callId: string): ToolCallState | null | undefined {
    const entry = this.#entries.get(keyOf(projectId, callId));
    return entry && ('isNothing' in entry ? null : entry);
  }

  /** Keeps what an answer just said: a state, or that there is none. False for a state that is too large to be kept. */
  set(projectId: string, callId: string, state: ToolCallState | null): boolean {
    const isKept = state === null || sizeOf(state) <= LARGEST_STATE_BYTES;
    this.#entries.set(keyOf(projectId, callId), isKept ? (state ?? NOTHING) : NOTHING);
    return isKept;
  }

  /** Notes for a few seconds that the database has no such state. */
  setAbsent(projectId: string, callId: string): void {
    this.#entries.set(keyOf(projectId, callId), NOTHING, { ttl: ABSENCE_TTL_MS });
  }
}

// Ids of projects hold no spaces.
function keyOf(projectId: string, callId: string): string {
  return `${projectId} ${callId}`;
}

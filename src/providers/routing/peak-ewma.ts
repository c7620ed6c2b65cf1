/** A peak is down to a third after this long without a request. */
const DECAY_MS = 10_000;

/**
 * An average of times that follows a slower one at once and a faster one by and by; by time alone it sinks as well, so that
 * whatever was slow once is tried again. Times and clock readings are in milliseconds.
 */
export class PeakEwma {
  #value: number | null = null;
  #at = 0;

  /** What the average is at a time that is not before the last sample's; null without any. */
  at(nowMs: number): number | null {
    return this.#value === null ? null : this.#value * decay(nowMs - this.#at);
  }

  add(sampleMs: number, nowMs: number): void {
    const kept = decay(nowMs - this.#at);
    const value = (this.#value ?? sampleMs) * kept;
    this.#value = Math.max(sampleMs, value + sampleMs * (1 - kept));
    this.#at = nowMs;
  }

  /** For a time of which is known only that it is longer than `leastMs`; says nothing where there is no average yet. */
  addAtLeast(leastMs: number, nowMs: number): void {
    if (leastMs > (this.at(nowMs) ?? Infinity)) this.add(leastMs, nowMs);
  }
}

/** The share that is left of a value after `elapsedMs`. */
export function decay(elapsedMs: number): number {
  return Math.exp(-Math.max(0, elapsedMs) / DECAY_MS);
}

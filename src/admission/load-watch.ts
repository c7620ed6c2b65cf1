import type { Clock } from '../core/clock.js';
import type { SeatGate } from './seat-gate.js';
import type { Machine } from './machine.js';
import type { OverloadJudge } from './overload-judge.js';

const EVERY_MS = 100;
/** How often garbage is collected while there is no memory left. */
const COLLECT_MS = 1_000;

interface WatchParts {
  readonly judge: OverloadJudge;
  readonly gate: SeatGate;
  readonly machine: Machine;
  readonly clock: Clock;
  /** Bytes that may be resident; Infinity where nobody says. */
  readonly residentLimitBytes: number;
}

/** Looks ten times a second how the process stands, and tells the gate. */
export class LoadWatch {
  #cancel: (() => void) | null = null;
  #collectedAt = -Infinity;
  #lookedAt = 0;
  #busyMs = 0;

  constructor(private readonly parts: WatchParts) {}

  start(): void {
    const { clock, judge, machine } = this.parts;
    if (!judge.isAsked) return;
    this.#lookedAt = clock.monotonic();
    this.#busyMs = machine.busyMs();
    this.#cancel = clock.schedule(() => {
      this.#look();
      this.start();
    }, EVERY_MS);
  }

  stop(): void {
    this.#cancel?.();
  }

  #look(): void {
    const { judge, gate, clock, machine, residentLimitBytes } = this.parts;
    const passedMs = clock.monotonic() - this.#lookedAt;
    const lateMs = passedMs - EVERY_MS;
    const busyShare = (machine.busyMs() - this.#busyMs) / passedMs;
    const heapShare = machine.heapShare();
    const memoryShare = residentLimitBytes === Infinity ? 0 : machine.residentBytes() / residentLimitBytes;
    const verdict = judge.judge({ lateMs, busyShare, heapShare, memoryShare, inFlight: gate.inFlight });
    gate.adjust(verdict);
    if (verdict.reason === 'heap' || verdict.reason === 'memory') this.#collect();
  }

  #collect(): void {
    const now = this.parts.clock.monotonic();
    if (now - this.#collectedAt < COLLECT_MS) return;
    this.#collectedAt = now;
    this.parts.machine.collectGarbage();
  }
}

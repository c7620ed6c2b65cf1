import type { ToolLoopConfig } from '../../config/tools-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { Clock } from '../../core/clock.js';
import type { ToolLoopEnd } from '../../core/telemetry/tool-telemetry.js';

/** Why the model has to answer without tools. */
export type LoopBound = Extract<ToolLoopEnd, 'steps' | 'time' | 'cost'>;

/** How far one request may still go with tools. */
export class LoopBounds {
  readonly maxSteps: number;
  readonly #config: ToolLoopConfig;
  readonly #clock: Clock;
  readonly #startedAt: number;

  /** `wantedSteps`: what the request says itself. */
  constructor(config: ToolLoopConfig, wantedSteps: number | undefined, clock: Clock) {
    this.maxSteps = wantedSteps ?? config.maxSteps;
    this.#config = config;
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  /** Which bound is reached before the answer of this number, counted from 1; null when there is room. */
  reached(step: number, { costUsd }: CallContext): LoopBound | null {
    const { maxMs, maxCostUsd } = this.#config;
    if (step >= this.maxSteps) return 'steps';
    if (this.#clock.monotonic() - this.#startedAt >= maxMs) return 'time';
    // An unknown cost is no cost that could be compared.
    return maxCostUsd !== null && costUsd !== null && Number(costUsd) >= maxCostUsd ? 'cost' : null;
  }

  /** For the client, in the answer's warnings. */
  describe(bound: LoopBound): string {
    const reasons: Readonly<Record<LoopBound, string>> = {
      steps: `${String(this.maxSteps)} answers are the most that this request may take`,
      time: `tools had ${String(this.#config.maxMs)} ms`,
      cost: `the request has cost ${String(this.#config.maxCostUsd)} USD or more`,
    };
    return `The model had to end without further tools: ${reasons[bound]}.`;
  }
}

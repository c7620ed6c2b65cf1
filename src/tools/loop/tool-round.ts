import type { ToolCallPart } from '../../core/chat/chat-request.js';
import type { ToolOutput } from '../server-tool.js';

/** A call and what came of it. */
export interface FinishedTool extends ToolOutput {
  readonly call: ToolCallPart;
}

type Run = (call: ToolCallPart) => Promise<ToolOutput>;

/** The tools that one answer of the model asked for, some of them at a time. */
export class ToolRound {
  /** What has finished so far, by the id of its call. */
  readonly outputs = new Map<string, ToolOutput>();
  readonly #run: Run;
  readonly #waiting: ToolCallPart[];
  readonly #running = new Map<string, Promise<FinishedTool>>();

  constructor(calls: readonly ToolCallPart[], run: Run, parallelCalls: number) {
    this.#run = run;
    this.#waiting = [...calls];
    for (let count = 0; count < parallelCalls; count += 1) this.#start();
  }

  /** The next one that finishes, in whatever order; null when all have. Rejects when a run does. */
  async next(): Promise<FinishedTool | null> {
    if (this.#running.size === 0) return null;
    const finished = await Promise.race(this.#running.values());
    this.#running.delete(finished.call.id);
    this.outputs.set(finished.call.id, finished);
    this.#start();
    return finished;
  }

  #start(): void {
    const call = this.#waiting.shift();
    if (!call) return;
    const finished = this.#run(call).then((output) => ({ call, ...output }));
    // Somebody may have stopped reading.
    finished.catch(() => undefined);
    this.#running.set(call.id, finished);
  }
}

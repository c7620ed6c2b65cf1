import { Injectable } from '@nestjs/common';
import { SeatGate } from '../../admission/seat-gate.js';
import { BatchesConfig } from '../../config/batches-config.js';

type Grant = () => void;

/** Lets so many lines of all batches run at once in this process, by turns among the batches. */
@Injectable()
export class LineSlots {
  /** Who waits, in the order of their turns. */
  readonly #waiting = new Map<string, Grant[]>();
  #free: number;

  constructor(
    private readonly config: BatchesConfig,
    private readonly gate: SeatGate,
  ) {
    this.#free = config.concurrency;
  }

  /** How many there are. */
  get size(): number {
    return this.config.concurrency;
  }

  /** Resolves when it is the batch's turn and no request is in need of what the line would take, with what gives the place back. */
  async acquire(batchId: string): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(batchId);
    const calm = this.gate.relief();
    if (calm) await calm;
    let isHeld = true;
    return () => {
      if (isHeld) this.#pass();
      isHeld = false;
    };
  }

  #wait(batchId: string): Promise<void> {
    return new Promise((resolve) => {
      const line = this.#waiting.get(batchId);
      if (line) line.push(resolve);
      else this.#waiting.set(batchId, [resolve]);
    });
  }

  #pass(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#free += 1;
      return;
    }
    const [batchId, line] = first;
    const grant = line.shift();
    this.#waiting.delete(batchId);
    if (line.length > 0) this.#waiting.set(batchId, line);
    grant?.();
  }
}

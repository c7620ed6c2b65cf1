import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import type { FormatHint } from './child/messages.js';
import type { ParsedDocument } from './parsed-document.js';
import { ParserProcess } from './parser-process.js';
import { ParserSettings } from './parser-settings.js';

interface Idle {
  readonly process: ParserProcess;
  readonly cancelEnd: () => void;
}

/** Reads uploaded files in processes of their own, a few at a time; what a file does to its process does nothing here. */
@Injectable()
export class DocumentParser implements OnApplicationShutdown {
  readonly #all = new Set<ParserProcess>();
  #idle: Idle[] = [];
  #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(
    private readonly settings: ParserSettings,
    private readonly clock: Clock,
  ) {}

  /** The processes that are there, busy or not. */
  get processIds(): number[] {
    return [...this.#all].flatMap(({ id }) => (id === undefined ? [] : [id]));
  }

  /**
   * Reads a file from its bytes, waiting for its turn. Rejects with DocumentParseError when the file is the reason: trying
   * again cannot help then. Rejects with the signal's reason when that fires, and with another error when reading failed
   * for a reason of ours.
   */
  async parse(
    source: AsyncIterable<Uint8Array>,
    hints: { format: FormatHint },
    signal: AbortSignal,
  ): Promise<ParsedDocument> {
    await this.#takeTurn(signal);
    try {
      const process = this.#takeProcess();
      try {
        return await process.parse(source, hints.format, signal);
      } finally {
        this.#giveBack(process);
      }
    } finally {
      this.#passTurn();
    }
  }

  onApplicationShutdown(): void {
    for (const { cancelEnd } of this.#idle) cancelEnd();
    for (const process of this.#all) process.end();
    this.#all.clear();
    this.#idle = [];
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#busy < this.settings.maxProcesses) {
      this.#busy += 1;
      return;
    }
    // Whoever gives a turn back hands it over, so that nobody who came later takes it first.
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== turn);
        reject(signal.reason as Error);
      };
      this.#waiting.push(turn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #takeProcess(): ParserProcess {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      idle.cancelEnd();
      if (idle.process.isUsable) {
        idle.process.hold(true);
        return idle.process;
      }
      this.#end(idle.process);
    }
    const process = new ParserProcess(this.settings, this.clock);
    this.#all.add(process);
    return process;
  }

  #giveBack(process: ParserProcess): void {
    if (process.isUsable && this.#all.has(process)) {
      process.hold(false);
      const cancelEnd = this.clock.schedule(() => {
        this.#idle = this.#idle.filter((idle) => idle.process !== process);
        this.#end(process);
      }, this.settings.idleMs);
      this.#idle.push({ process, cancelEnd });
    } else this.#end(process);
  }

  #passTurn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy -= 1;
  }

  #end(process: ParserProcess): void {
    this.#all.delete(process);
    process.end();
  }
}

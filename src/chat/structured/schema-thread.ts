import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.js';
import type { FromSchemaWorker, JsonCheck, ToSchemaWorker } from './worker/messages.js';

/** What one check may use. */
export interface CheckLimits {
  /** Processor time in milliseconds, which does not pass while others have the processor. */
  readonly cpuMs: number;
  /** Time by the clock in milliseconds, whatever happens. */
  readonly wallMs: number;
  /** For the thread to be ready in the first place. */
  readonly startMs: number;
}

const LOOK_MS = 50;
const HEAP_MEGABYTES = 128;
const STACK_MEGABYTES = 4;
// Run as TypeScript (tests) and compiled: the thread begins with a file of its own either way.
const isTypeScript = import.meta.url.endsWith('.ts');
const FILE = new URL(`./worker/schema-worker.${isTypeScript ? 'ts' : 'js'}`, import.meta.url);
const TYPE_SCRIPT = new URL('../../../scripts/support/typescript-imports.mjs', import.meta.url);

/** A thread that checks texts against schemas, one at a time. It ends for good when a check uses too much, or fails. */
export class SchemaThread {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #limits: CheckLimits;
  #isOver = false;
  #isReady = false;
  #isOverdue = false;
  #checks = 0;
  #waiting: ((message: FromSchemaWorker | null) => void) | null = null;

  constructor(clock: Clock, limits: CheckLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#worker = new Worker(FILE, {
      env: {},
      stdin: false,
      stdout: true,
      stderr: true,
      execArgv: isTypeScript && existsSync(TYPE_SCRIPT) ? ['--no-warnings', `--import=${TYPE_SCRIPT.href}`] : [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES, stackSizeMb: STACK_MEGABYTES },
    });
    this.#worker.unref();
    this.#worker.on('message', (message: FromSchemaWorker) => {
      this.#settle(message);
    });
    this.#worker.on('error', () => {
      void this.end();
    });
    this.#worker.on('exit', () => {
      void this.end();
    });
  }

  /** Whether it can take another check. */
  get isUsable(): boolean {
    return !this.#isOver;
  }

  /** Whether it was given something before: what that left behind may be why it ended. */
  get isUsed(): boolean {
    return this.#checks > 1;
  }

  /**
   * What the check came to; `overdue` when it used too much time, `lost` when the thread ended by itself, as it does for lack
   * of memory. Rejects when it does not even start.
   */
  async check(job: ToSchemaWorker): Promise<JsonCheck | 'overdue' | 'lost'> {
    this.#checks += 1;
    // A process that only waits for this may not end meanwhile; one that has nothing to wait for may.
    this.#worker.ref();
    try {
      if (!this.#isReady) await this.#start();
      const isOverdue = await this.#cpuWatch();
      this.#worker.postMessage(job);
      const message = await this.#next(this.#limits.wallMs, isOverdue);
      if (message?.type === 'checked') return message.check;
      return this.#isOverdue ? 'overdue' : 'lost';
    } finally {
      this.#worker.unref();
    }
  }

  /** Ends it, whatever it is doing. */
  async end(): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#settle(null);
    }
    await this.#worker.terminate();
  }

  async #start(): Promise<void> {
    const message = await this.#next(this.#limits.startMs, () => Promise.resolve(false));
    if (!message) throw new Error('The thread that checks schemas did not start.');
    this.#isReady = true;
  }

  async #cpuWatch(): Promise<() => Promise<boolean>> {
    const before = await this.#worker.cpuUsage();
    return async () => {
      const { user, system } = await this.#worker.cpuUsage(before);
      return (user + system) / 1000 > this.#limits.cpuMs;
    };
  }

  async #next(wallMs: number, isOverdue: () => Promise<boolean>): Promise<FromSchemaWorker | null> {
    if (this.#isOver) return null;
    const message = new Promise<FromSchemaWorker | null>((resolve) => {
      this.#waiting = resolve;
    });
    const giveUpAt = this.#clock.monotonic() + wallMs;
    let hasCome = false;
    const look = async (): Promise<void> => {
      const isTooMuch = this.#clock.monotonic() >= giveUpAt || (await isOverdue().catch(() => true));
      // By now it may be another check that is waited for.
      if (hasCome) return;
      if (isTooMuch) {
        this.#isOverdue = true;
        void this.end();
      } else cancel = this.#clock.schedule(() => void look(), LOOK_MS);
    };
    let cancel = this.#clock.schedule(() => void look(), LOOK_MS);
    try {
      return await message;
    } finally {
      hasCome = true;
      cancel();
    }
  }

  #settle(message: FromSchemaWorker | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(message);
  }
}

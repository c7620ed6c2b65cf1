import type { JobStage, JobStages } from './job.js';
import { toJobError } from './job-error.js';
import { JobInterruption } from './job-interruption.js';

/** Called when a piece of work of a stage begins; what it returns, when it ends. */
export type StageTimer = (stage: string) => () => void;

const UNTIMED: StageTimer = () => () => undefined;

/** The stages of one job over all its attempts. */
export class StageLog implements JobStages {
  readonly #stages: JobStage[];
  readonly #entered = new Set<string>();
  /** Errors that a stage was blamed for: a part of its work may belong to another stage. */
  readonly #blamed = new WeakSet<object>();
  readonly #onChange: () => void;
  readonly #timer: StageTimer;
  #current: string | null = null;

  /** `earlier` is what the attempts before left; `onChange` is called after each change. */
  constructor(earlier: readonly JobStage[], onChange: () => void, timer: StageTimer = UNTIMED) {
    this.#stages = earlier.map((stage) => ({ ...stage }));
    this.#onChange = onChange;
    this.#timer = timer;
  }

  /** The stage that was worked on last; null before the first. */
  get current(): string | null {
    return this.#current;
  }

  /** All stages so far, in the order they first began. */
  list(): JobStage[] {
    return this.#stages.map((stage) => ({ ...stage }));
  }

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#enter(name);
    const end = this.#timer(name);
    try {
      return await work();
    } catch (error) {
      // A job that was stopped did not fail at what it was doing.
      if (!(error instanceof JobInterruption)) this.#blame(name, error);
      throw error;
    } finally {
      end();
    }
  }

  progress(name: string, done: number, total: number): void {
    const stage = this.#enter(name);
    stage.done = done;
    stage.total = total;
    if (done >= total) {
      stage.status = 'done';
      stage.error = null;
    }
    this.#onChange();
  }

  #enter(name: string): JobStage {
    let stage = this.#stages.find((candidate) => candidate.name === name);
    if (!stage) {
      stage = { name, status: 'running', attempts: 0, done: 0, total: 0, error: null };
      this.#stages.push(stage);
    }
    this.#current = name;
    if (!this.#entered.has(name)) {
      this.#entered.add(name);
      stage.attempts += 1;
      stage.status = 'running';
      this.#onChange();
    }
    return stage;
  }

  #blame(name: string, error: unknown): void {
    if (typeof error === 'object' && error !== null) {
      if (this.#blamed.has(error)) return;
      this.#blamed.add(error);
    }
    const stage = this.#enter(name);
    // The first of several parts that fail together says why.
    if (stage.status === 'failed') return;
    stage.status = 'failed';
    stage.error = toJobError(error);
    this.#onChange();
  }
}

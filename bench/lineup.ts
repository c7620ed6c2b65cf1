import type { Contestant, RunningContestant, Surroundings } from './contestants/contestant.js';
import type { Options } from './options.js';
import type { ContestantReport } from './report/report.js';
import { residentBytes, treeOf } from './support/process-usage.js';

const IDLE_MS = 3_000;
const RECOVERY_MS = 15_000;

/** A contestant that is ready to be measured. */
export interface Entrant {
  readonly name: string;
  readonly running: RunningContestant;
}

/** The contestants of a run: started, and looked at while nothing is asked of them. */
export class Lineup {
  readonly running: Entrant[] = [];
  readonly #surroundings: Surroundings;
  readonly #reports: ContestantReport[] = [];

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Starts each as often as there are trials, for the time that takes, and keeps the last of each running. */
  async start(contestants: readonly Contestant[], { trials }: Options): Promise<void> {
    for (const contestant of contestants) {
      const { name, title } = contestant;
      const version = await contestant.prepare(this.#surroundings).catch((error: unknown) => {
        console.log(`${title} cannot be had here: ${describe(error)}`);
        return null;
      });
      if (version === null) {
        this.#reports.push({ name, title, version, startMs: [], idleBytes: NaN, recoveredBytes: NaN });
        continue;
      }
      console.log(`starting ${title} ${version}`);
      const startMs: number[] = [];
      let running = await contestant.start(this.#surroundings);
      startMs.push(running.startMs);
      for (let start = 2; start <= trials && running.pid !== null; start += 1) {
        await running.stop();
        running = await contestant.start(this.#surroundings);
        startMs.push(running.startMs);
      }
      this.running.push({ name, running });
      this.#reports.push({ name, title, version, startMs, idleBytes: NaN, recoveredBytes: NaN });
    }
    await this.#note(IDLE_MS, 'idleBytes');
  }

  /** What is known of each, once all measurements are over. */
  async finish(): Promise<ContestantReport[]> {
    await this.#note(RECOVERY_MS, 'recoveredBytes');
    return this.#reports;
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map(({ running }) => running.stop()));
  }

  async #note(afterMs: number, field: 'idleBytes' | 'recoveredBytes'): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    for (const { name, running } of this.running) {
      const report = this.#reports.find((candidate) => candidate.name === name);
      if (report && running.pid !== null) report[field] = residentBytes(treeOf(running.pid));
    }
  }
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}

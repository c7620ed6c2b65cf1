import type { Measurement } from '../measure.js';
import type { Machine } from './machine.js';

/** What is known of one contestant beside its measurements. */
export interface ContestantReport {
  readonly name: string;
  readonly title: string;
  /** Null when it could not be had on this machine. */
  readonly version: string | null;
  readonly startMs: readonly number[];
  idleBytes: number;
  recoveredBytes: number;
}

/** Everything that a run found out; the raw file holds exactly this. */
export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly database: string;
  readonly options: { readonly seed: number; readonly trials: number; readonly seconds: number };
  readonly contestants: readonly ContestantReport[];
  readonly measurements: readonly Measurement[];
}

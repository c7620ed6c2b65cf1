/** One limit in a batch. */
export interface LimitLine {
  /** Names the limit for all replicas. */
  readonly meter: string;
  readonly limit: number;
  /** Seats that this process keeps, used or not, before it takes more; null for a limit of the minute. */
  readonly held: number | null;
  /** What is added to the count (or taken off it) if its minute is still the same; null for nothing. */
  readonly correction: { readonly minute: number; readonly amount: number } | null;
}

/** Amounts of several lines, by their place in the batch: all of them are taken, or none. */
export type LimitTake = readonly { readonly line: number; readonly amount: number }[];

/** What a process tells and asks in one step. The lines come in the order of their names, each name once. */
export interface LimitBatch {
  readonly lines: readonly LimitLine[];
  readonly takes: readonly LimitTake[];
  /** Of what is left behind a line that was asked for, one part in so many is handed out in advance. */
  readonly share: number;
}

export interface LimitLineReply {
  /** The minute since the epoch that was counted in, by the clock of the store. */
  readonly minute: number;
  /** By all replicas, what was handed out in advance included. */
  readonly used: number;
  /** Of that, handed out to this process in advance now. */
  readonly spare: number;
}

export interface LimitReply {
  /** The clock of the store, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly lines: readonly LimitLineReply[];
  /** For every take whether it was granted. */
  readonly granted: readonly boolean[];
}

/** The step was certainly not done. */
export class NotExchangedError extends Error {
  override readonly name = 'NotExchangedError';
}

/** Where the replicas count together. */
export abstract class LimitStore {
  /** Called when the counts were lost or are kept elsewhere from now on, before the step that finds that out is done. */
  onMoved: () => void = () => undefined;

  /**
   * One atomic step: corrections first, then the takes in their order. Rejects with
   * `NotExchangedError` when it was not done, with any other error when nobody knows.
   */
  abstract exchange(batch: LimitBatch): Promise<LimitReply>;
  /** The seats of this process are no longer held, and are unknown until they are told again. */
  abstract forget(): Promise<void>;
}

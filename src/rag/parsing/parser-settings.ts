/** What reading documents may cost; type and injection token in one. */
export class ParserSettings {
  /** Documents that are read at the same time, each in a process of its own. */
  readonly maxProcesses: number = 2;
  /** A document that takes longer is given up. */
  readonly timeoutMs: number = 30_000;
  /** A process that takes more memory than this is ended, with whatever it reads. */
  readonly maxRssBytes: number = 512 * 1024 ** 2;
  /** Of that, what objects and strings may take; V8 ends a process beyond it by itself. */
  readonly maxHeapBytes: number = 384 * 1024 ** 2;
  /** A process that had nothing to do for so long is ended. */
  readonly idleMs: number = 30_000;
  /** A process is replaced after so many documents: what one of them left behind does not add up. */
  readonly maxDocuments: number = 200;
  /** A process that is not there after so long does not come. */
  readonly startMs: number = 20_000;

  constructor(others: Partial<ParserSettings> = {}) {
    Object.assign(this, others);
  }
}

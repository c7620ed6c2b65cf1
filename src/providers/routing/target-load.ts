/** One request at a target, from dispatch to its end. */
export interface LoadTicket {
  /** The first content (or the whole answer) came. */
  answered(): void;
  /** The request is over; `failed` when the target was at fault. Does nothing when it was said before. */
  finished(failed: boolean): void;
}

/** How busy a target is and how fast it answers: what latency routing and the rule for suspects decide by. */
export class TargetLoad {
  started(): LoadTicket {
    return { answered: () => undefined, finished: () => undefined };
  }
}

/** A place in the row of those that wait for an answer. */
export interface Waiting {
  /** A reading of the monotonic clock. */
  readonly startedAt: number;
  previous: Waiting | null;
  next: Waiting | null;
}

/** The requests that were not answered yet, the oldest first; who joins is never older than who is there. */
export class SilentTickets {
  #oldest: Waiting | null = null;
  #newest: Waiting | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(ticket: Waiting): void {
    ticket.previous = this.#newest;
    if (this.#newest) this.#newest.next = ticket;
    else this.#oldest = ticket;
    this.#newest = ticket;
    this.#size += 1;
  }

  /** The ticket must be in the row. */
  delete(ticket: Waiting): void {
    const { previous, next } = ticket;
    if (previous) previous.next = next;
    else this.#oldest = next;
    if (next) next.previous = previous;
    else this.#newest = previous;
    ticket.previous = null;
    ticket.next = null;
    this.#size -= 1;
  }

  /** Milliseconds that the `rank` longest waiting ones wait at least; 0 when there are not so many. */
  longestMs(now: number, rank = 1): number {
    let ticket = this.#oldest;
    for (let passed = 1; passed < rank && ticket; passed += 1) ticket = ticket.next;
    return ticket ? now - ticket.startedAt : 0;
  }
}

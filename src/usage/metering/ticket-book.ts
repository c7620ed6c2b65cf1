import type { LimitTicket } from '../../limits/limit-ticket.js';
import type { Admission } from './admission.js';

/** The limits' tickets of one call: each is settled once, when its request is over, and all of them leave with the call. */
export class TicketBook {
  readonly #unsettled = new Map<Admission, LimitTicket>();
  #settled: LimitTicket[] = [];

  add(admission: Admission, ticket: LimitTicket): void {
    this.#unsettled.set(admission, ticket);
  }

  /**
   * Settles the tickets of the requests that are over, or of all, by the tokens that `tokensOf` says were used: null where
   * nothing was dispatched.
   */
  settle(tokensOf: (admission: Admission) => number | null, isCallOver: boolean): void {
    for (const [admission, ticket] of this.#unsettled) {
      if (admission.state === 'open' && !isCallOver) continue;
      this.#unsettled.delete(admission);
      const tokens = tokensOf(admission);
      if (tokens === null) {
        ticket.cancel();
      } else {
        ticket.settle(tokens);
        this.#settled.push(ticket);
      }
    }
  }

  leave(): void {
    const tickets = this.#settled;
    this.#settled = [];
    for (const ticket of tickets) ticket.leave();
  }
}

import type { Reservation } from '../../budgets/budgets.service.js';
import { NO_MONEY } from '../../core/money.js';
import type { LimitTicket } from '../../limits/limit-ticket.js';

/** What limits and budgets gave to one request. */
export interface Grant {
  readonly ticket: LimitTicket | null;
  readonly reservation: Reservation | null;
  /** What one attempt may cost at most: USD. */
  readonly boundUsd: string;
}

/** To whom nothing is limited. */
export const FREE_PASS: Grant = { ticket: null, reservation: null, boundUsd: NO_MONEY };

/** Nothing was dispatched: everything goes back. */
export function giveBack({ ticket, reservation }: Grant): void {
  try {
    reservation?.release();
  } finally {
    ticket?.cancel();
  }
}

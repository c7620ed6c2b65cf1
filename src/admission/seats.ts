import type { CallContext } from '../core/call-context.js';

/** Who counts as one when seats are shared: everybody whose key nobody has seen yet. No project has such an id. */
export const STRANGERS = '';

/** One request under way. */
interface Seat {
  readonly call: CallContext;
  /** Whose it is; null where nobody asked yet. */
  owner: string | null;
}

/** More than all seats, for those who have less than their share of them. */
const EXTRA = 1 / 8;

/**
 * The requests under way. Whose they are is found out only when seats are scarce, so that it costs nothing otherwise: from the
 * call, which knows once its key was checked.
 */
export class Seats {
  readonly #unsettled = new Set<Seat>();
  readonly #byOwner = new Map<string, number>();
  #taken = 0;

  get taken(): number {
    return this.#taken;
  }

  /** Takes a seat until the call is over; then `left` is told. */
  take(call: CallContext, owner: string | null, left: () => void): void {
    const seat: Seat = { call, owner: null };
    this.#taken += 1;
    if (owner === null || owner === STRANGERS) this.#unsettled.add(seat);
    if (owner !== null) this.#give(seat, owner);
    call.defer(() => {
      this.#taken -= 1;
      this.#unsettled.delete(seat);
      if (seat.owner !== null) this.#add(seat.owner, -1);
      left();
    });
  }

  /** Finds out whose the seats are that it is not known of. */
  settle(): void {
    for (const seat of this.#unsettled) {
      const { call, owner } = seat;
      if (call.isAuthenticated) {
        this.#unsettled.delete(seat);
        this.#give(seat, call.principal.projectId);
      } else if (owner === null) this.#give(seat, STRANGERS);
    }
  }

  /**
   * Tells whether there is a seat for somebody although there should be no more than `limit`: some are kept for those who hold
   * less than the share of everybody who holds any, so that others cannot keep them out for as long as their requests take.
   */
  hasExtraFor(owner: string, limit: number): boolean {
    if (this.#taken >= limit + Math.ceil(limit * EXTRA)) return false;
    const own = this.#byOwner.get(owner) ?? 0;
    const owners = this.#byOwner.size + (own === 0 ? 1 : 0);
    return own < Math.floor(limit / owners);
  }

  #give(seat: Seat, owner: string): void {
    if (seat.owner !== null) this.#add(seat.owner, -1);
    seat.owner = owner;
    this.#add(owner, 1);
  }

  #add(owner: string, change: number): void {
    const seats = (this.#byOwner.get(owner) ?? 0) + change;
    if (seats > 0) this.#byOwner.set(owner, seats);
    else this.#byOwner.delete(owner);
  }
}

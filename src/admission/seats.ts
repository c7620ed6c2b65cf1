import type { CallContext } from '../core/call-context.js';

/** Who counts as one when seats are shared: everybody whose key nobody has seen yet. No project has such an id. */
export const STRANGERS = '';

/** More than all seats, for those who have less than their share of them. */
const EXTRA = 1 / 8;

/**
 * The calls under way. Whose they are is found out only when seats are scarce, so that it costs nothing otherwise: from the
 * call, which knows once its key was checked.
 */
export class Seats {
  /** Those that nobody asked about yet, and those of strangers, who may turn out to be somebody. */
  readonly #unsettled = new Set<CallContext>();
  /** Whose those are that somebody asked about. */
  readonly #owners = new Map<CallContext, string>();
  readonly #byOwner = new Map<string, number>();
  #taken = 0;

  /** `left` is told whenever a call is over. */
  constructor(private readonly left: () => void) {}

  get taken(): number {
    return this.#taken;
  }

  /** Takes a seat until the call is over; `owner` is null where nobody asked. */
  take(call: CallContext, owner: string | null): void {
    this.#taken += 1;
    if (owner === null || owner === STRANGERS) this.#unsettled.add(call);
    if (owner !== null) this.#give(call, owner);
    call.defer(this.#leave);
  }

  /** Finds out whose the seats are that it is not known of. */
  settle(): void {
    for (const call of this.#unsettled) {
      if (call.isAuthenticated) {
        this.#unsettled.delete(call);
        this.#give(call, call.principal.projectId);
      } else if (!this.#owners.has(call)) this.#give(call, STRANGERS);
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

  // One function for all calls: nothing is made for each of them.
  readonly #leave = (call: CallContext): void => {
    this.#taken -= 1;
    this.#unsettled.delete(call);
    this.#forget(call);
    this.left();
  };

  #give(call: CallContext, owner: string): void {
    this.#forget(call);
    this.#owners.set(call, owner);
    this.#byOwner.set(owner, (this.#byOwner.get(owner) ?? 0) + 1);
  }

  #forget(call: CallContext): void {
    if (this.#owners.size === 0) return;
    const owner = this.#owners.get(call);
    if (owner === undefined) return;
    this.#owners.delete(call);
    const left = (this.#byOwner.get(owner) ?? 1) - 1;
    if (left > 0) this.#byOwner.set(owner, left);
    else this.#byOwner.delete(owner);
  }
}

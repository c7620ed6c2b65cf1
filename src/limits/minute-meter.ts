import type { RateLimitWindow } from '../core/rate-limits.js';
import type { LimitTerms } from './limit-terms.js';
import type { Meter, MeterNews, TellDesk } from './meter.js';
import type { LimitLine } from './store/limit-store.js';

/** How long a limit that was found used up is believed to be, though another replica may give something back. */
const BELIEVED_MS = 100;

/** A limit of requests or tokens in one clock minute, with the slice of it that was handed out to this process. */
export class MinuteMeter implements Meter {
  waiting = 0;
  readonly #tellDesk: TellDesk;
  #terms: LimitTerms;
  #minute = -1;
  /** Counts the minutes that were seen, and begins anew with another store. */
  #window = 0;
  #endsAt = -Infinity;
  #learntAt = -Infinity;
  /** What nobody had taken when the store was last asked. */
  #unused: number;
  #spare = 0;
  /** What the store had before it handed something out in advance. */
  #free = 0;
  /** Waits to be told; of `#minute`. */
  #correction = 0;

  constructor(terms: LimitTerms, tellDesk: TellDesk) {
    this.#terms = terms;
    this.#unused = terms.limit;
    this.#tellDesk = tellDesk;
  }

  get terms(): LimitTerms {
    return this.#terms;
  }

  take(amount: number, now: number): number | null {
    if (now >= this.#endsAt || amount > this.#spare) return null;
    this.#spare -= amount;
    return this.#window;
  }

  takeGranted(_amount: number): number {
    return this.#window;
  }

  giveBack(window: number, amount: number, now: number): void {
    if (amount === 0 || window !== this.#window || now >= this.#endsAt) return;
    this.#correction -= amount;
    this.#unused = Math.min(this.#terms.limit, Math.max(0, this.#unused + amount));
    this.#tellDesk(this, false);
  }

  surelyRefuses(amount: number, now: number): boolean {
    return amount > this.#unused + this.#spare && now < this.#endsAt && now < this.#learntAt + BELIEVED_MS;
  }

  lacked(amount: number): boolean {
    return amount > this.#free;
  }

  retryAfterMs(now: number): number {
    return Math.max(1, this.#endsAt - now);
  }

  view(now: number): RateLimitWindow | null {
    if (now >= this.#endsAt) return null;
    const { limit } = this.#terms;
    return { limit, remaining: Math.min(limit, this.#unused + this.#spare), resetMs: this.#endsAt - now };
  }

  tell(isAskedFor: boolean): LimitLine {
    const { meter, limit } = this.#terms;
    if (isAskedFor) this.#giveUpSpare();
    const amount = this.#correction;
    this.#correction = 0;
    return { meter, limit, held: null, correction: amount === 0 ? null : { minute: this.#minute, amount } };
  }

  untell({ correction }: LimitLine, isCertain: boolean): void {
    if (correction?.minute !== this.#minute) return;
    // What was given back twice would let too much through.
    if (correction.amount < 0 && !isCertain) return;
    this.#correction += correction.amount;
    this.#tellDesk(this, false);
  }

  learn({ minute, used, spare, now, endsAt }: MeterNews): void {
    if (minute !== this.#minute) {
      this.#window += 1;
      this.#spare = 0;
      this.#correction = 0;
    }
    this.#minute = minute;
    this.#endsAt = endsAt;
    this.#learntAt = now;
    this.#spare += spare;
    this.#free = this.#terms.limit - used + spare;
    this.#unused = Math.max(0, this.#terms.limit - used - this.#correction);
  }

  changeTerms(terms: LimitTerms): void {
    this.#terms = terms;
    this.#learntAt = -Infinity;
    if (this.#spare === 0) return;
    this.#giveUpSpare();
    this.#tellDesk(this, false);
  }

  reset(): void {
    // What an earlier store counted means nothing to this one.
    this.#minute = -1;
    this.#spare = 0;
    this.#correction = 0;
    this.#endsAt = -Infinity;
  }

  isIdle(now: number): boolean {
    return now >= this.#endsAt;
  }

  #giveUpSpare(): void {
    this.#correction -= this.#spare;
    this.#spare = 0;
  }
}

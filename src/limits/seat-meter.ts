import type { RateLimitWindow } from '../core/rate-limits.js';
import type { LimitTerms } from './limit-terms.js';
import type { Meter, MeterNews, TellDesk } from './meter.js';
import type { LimitLine } from './store/limit-store.js';

const RETRY_AFTER_MS = 1_000;

/** A limit of requests under way at once, with the seats that this process keeps for its next requests. */
export class SeatMeter implements Meter {
  waiting = 0;
  readonly #tellDesk: TellDesk;
  #terms: LimitTerms;
  #inUse = 0;
  #spare = 0;
  /** What the store had before it handed something out in advance. */
  #free = 0;
  /** How many free seats may be kept. */
  #keep = 0;
  #isTold = true;

  constructor(terms: LimitTerms, tellDesk: TellDesk) {
    this.#terms = terms;
    this.#tellDesk = tellDesk;
  }

  get terms(): LimitTerms {
    return this.#terms;
  }

  take(amount: number, _now: number): number | null {
    if (amount > this.#spare) return null;
    this.#spare -= amount;
    this.#inUse += amount;
    return 0;
  }

  takeGranted(amount: number): number {
    this.#inUse += amount;
    return 0;
  }

  giveBack(_window: number, amount: number, _now: number): void {
    this.#inUse -= amount;
    this.#spare += amount;
    if (this.#spare > this.#keep) this.#note();
  }

  // Seats come free at any moment.
  surelyRefuses(_amount: number, _now: number): boolean {
    return false;
  }

  lacked(amount: number): boolean {
    return amount > this.#free;
  }

  retryAfterMs(_now: number): number {
    return RETRY_AFTER_MS;
  }

  view(_now: number): RateLimitWindow | null {
    return null;
  }

  tell(isAskedFor: boolean): LimitLine {
    const { meter, limit } = this.#terms;
    // Given up before it is said, so that nobody takes a seat that is on its way back.
    this.#spare = isAskedFor ? 0 : Math.min(this.#spare, this.#keep);
    this.#isTold = true;
    return { meter, limit, held: this.#inUse + this.#spare, correction: null };
  }

  untell(): void {
    this.#note();
  }

  learn({ used, spare }: MeterNews): void {
    this.#spare += spare;
    this.#free = this.#terms.limit - used + spare;
    this.#keep = spare;
  }

  changeTerms(terms: LimitTerms): void {
    this.#terms = terms;
    this.#keep = 0;
    if (this.#spare > 0) this.#note();
  }

  reset(): void {
    const held = this.#inUse + this.#spare;
    this.#spare = 0;
    if (held > 0) this.#note();
  }

  isIdle(_now: number): boolean {
    return this.#inUse === 0 && this.#spare === 0 && this.#isTold;
  }

  #note(): void {
    this.#isTold = false;
    this.#tellDesk(this, true);
  }
}

import type { Attempt } from '../../core/attempt.js';
import type { TimeoutConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { Cancellation, type CancelSignal } from '../../core/cancellation.js';
import type { Clock } from '../../core/clock.js';
import { newId } from '../../core/ids.js';
import type { Telemetry } from '../../core/telemetry/telemetry.js';
import type { AttemptSpan } from '../../core/telemetry/call-trace.js';
import type { CatalogEntry } from '../catalog/catalog-entry.js';
import type { AttemptContext, RequestProgress } from '../provider-adapter.js';
import { ProviderError } from '../provider-error.js';
import type { LoadTicket } from '../routing/target-load.js';
import { AttemptTimers, type TimerLimits, type TimerName } from './attempt-timers.js';
import { isTargetsOwn, settleSeat } from './settle-seat.js';
import type { Seat } from './target.js';

export interface AttemptOptions {
  readonly seat: Seat;
  readonly call: CallContext;
  readonly timeouts: TimeoutConfig;
  readonly limits: TimerLimits;
  /** Begins the span of the attempt; null while tracing is off. */
  readonly trace: ((record: Attempt) => AttemptSpan) | null;
}

const SKIPPED_WARNING = 'The provider sent a malformed event, which was left out.';

/**
 * One request on its way: its record, its permit, its timers and the signal that ends it. It is settled exactly once, by
 * `succeed`, `fail` or `cancel`, or by itself when the client leaves or a timer runs out; then everything is given back.
 */
export class RunningAttempt implements AttemptContext, RequestProgress {
  readonly record: Attempt;
  readonly timeouts: TimeoutConfig;
  readonly timers: AttemptTimers;
  readonly span: AttemptSpan | null;
  mayBeEmpty = false;
  readonly #seat: Seat;
  readonly #call: CallContext;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #cancellation = new Cancellation();
  readonly #startedAt: number;
  readonly #load: LoadTicket;
  readonly #warnings: string[] = [];
  #hasCommitted = false;
  #isComplete = false;
  #cancelled: ProviderError | null = null;
  #rejectPending: ((error: ProviderError) => void) | null = null;
  #onSettled: (() => void) | null = null;
  #beforeCommit: (() => void) | null = null;

  constructor(options: AttemptOptions, clock: Clock, telemetry: Telemetry) {
    this.#seat = options.seat;
    this.#call = options.call;
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#startedAt = clock.monotonic();
    this.#load = options.seat.target.load.started();
    this.timeouts = options.timeouts;
    this.record = openRecord(options.seat, clock.now());
    this.span = options.trace?.(this.record) ?? null;
    this.timers = new AttemptTimers(clock, options.limits, (timer) => {
      this.#onTimer(timer);
    });
    options.call.attempts.push(this.record);
    options.call.signal.addEventListener('abort', this.#onClientGone, { once: true });
    if (options.call.signal.aborted) this.#onClientGone();
  }

  get callId(): string {
    return this.#call.id;
  }

  get signal(): CancelSignal {
    return this.#cancellation;
  }

  get maxOutputTokens(): number | null {
    return this.#seat.target.catalogEntry?.maxOutputTokens ?? null;
  }

  get catalogEntry(): CatalogEntry | null {
    return this.#seat.target.catalogEntry;
  }

  get apiKey(): string | null {
    return this.#seat.credential.apiKey;
  }

  get progress(): RequestProgress {
    return this;
  }

  sent(): void {
    this.record.wasSent = true;
  }

  responded(): void {
    this.record.hasResponded = true;
  }

  get isSettled(): boolean {
    return this.record.outcome !== null;
  }

  /** Why we ended the attempt ourselves; null when we did not. */
  get cancelled(): ProviderError | null {
    return this.#cancelled;
  }

  /** Warnings of an attempt that never delivered are nobody's business. */
  warn(message: string): void {
    if (!this.#hasCommitted) this.#warnings.push(message);
    else if (!this.#call.warnings.includes(message)) this.#call.warnings.push(message);
  }

  skipped(): void {
    this.record.hasGaps = true;
    this.#telemetry.eventSkipped({ provider: this.record.provider });
    this.warn(SKIPPED_WARNING);
  }

  implausibleUsage(): void {
    this.#seat.target.alarm('implausible-usage', this.#clock.now());
  }

  /** `reject` is called when the attempt is cancelled, until the next call; null when nothing waits. */
  whileWaiting(reject: ((error: ProviderError) => void) | null): void {
    this.#rejectPending = reject;
  }

  /** What `work` gives; rejects at once when the attempt is cancelled, whether or not `work` heeds the signal. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#cancelled) reject(this.#cancelled);
      else this.#rejectPending = reject;
      work.then(resolve, reject);
    });
  }

  /** The answer belongs to the client from here on: this attempt is the one that answered. */
  commit(hasContent: boolean): void {
    this.#beforeCommit?.();
    this.#hasCommitted = true;
    const { record } = this;
    record.hasResponded = true;
    this.#load.answered();
    const isAside = this.#call.isAside(record);
    if (!isAside) this.#call.answeredBy = { provider: record.provider, model: record.model };
    for (const warning of this.#warnings) this.warn(warning);
    if (!hasContent) return;
    record.firstContentMs = Math.round(this.#clock.monotonic() - this.#startedAt);
    if (!isAside) this.#call.firstContentMs ??= Math.max(0, this.#clock.now() - this.#call.receivedAt);
    // A probe has shown what it was sent for; a long stream must not keep the others waiting for its end.
    if (this.#seat.permit.isProbe) this.#seat.permit.succeed();
  }

  /** The whole answer is there: however the attempt is ended from here on, it has succeeded. */
  complete(): void {
    this.#isComplete = true;
  }

  succeed(): void {
    this.#settle('succeeded', null);
  }

  /** Settles as failed and gives what failed; when we had cancelled the attempt that is the reason, whatever was thrown. */
  fail(thrown: unknown): ProviderError {
    const error = this.#cancelled ?? toProviderError(thrown);
    this.#settle('failed', error);
    return error;
  }

  /**
   * Ends the attempt from our side: closes its socket and settles it as aborted. Does nothing once it is settled. With
   * `sendAgain` the same target is to be asked anew.
   */
  cancel(message: string, options: { sendAgain?: boolean } = {}): void {
    if (!this.isSettled) this.#end(new ProviderError('aborted', message, options), 'aborted');
  }

  /** Runs `callback` right before the answer becomes the client's. */
  beforeCommit(callback: () => void): void {
    this.#beforeCommit = callback;
  }

  /** Runs `callback` once the attempt is settled; at once when it is. */
  onSettled(callback: () => void): void {
    if (this.isSettled) callback();
    else this.#onSettled = callback;
  }

  readonly #onClientGone = (): void => {
    this.cancel('The client left.');
  };

  #onTimer(timer: TimerName): void {
    if (timer === 'deadline') this.cancel("The client's deadline ran out.");
    else this.#end(new ProviderError('timeout', `The provider was silent for too long (${timer}).`), 'failed');
  }

  #end(error: ProviderError, outcome: 'failed' | 'aborted'): void {
    this.#cancelled = error;
    if (this.#isComplete) this.#settle('succeeded', null);
    else this.#settle(outcome, error);
    this.#cancellation.abort(error);
    this.#rejectPending?.(error);
    this.#rejectPending = null;
  }

  #settle(outcome: NonNullable<Attempt['outcome']>, error: ProviderError | null): void {
    if (this.isSettled) return;
    const { record } = this;
    record.outcome = outcome;
    record.errorKind = error?.kind ?? null;
    record.durationMs = Math.round(this.#clock.monotonic() - this.#startedAt);
    this.timers.stop();
    this.#call.signal.removeEventListener('abort', this.#onClientGone);
    this.#load.finished(error !== null && outcome === 'failed' && isTargetsOwn(this.#seat.target, error));
    settleSeat(this.#seat, outcome, error, this.#clock.now());
    this.#seat.slot.release(record.usage, record.deliveredCharacters);
    this.span?.ended(record, error?.status);
    this.#telemetry.attemptFinished(record);
    this.#onSettled?.();
  }
}

function openRecord(seat: Seat, startedAt: number): Attempt {
  return {
    id: newId('att_'),
    provider: seat.target.provider.config.name,
    model: seat.target.model,
    credential: seat.credential.id,
    startedAt,
    outcome: null,
    errorKind: null,
    wasSent: false,
    hasResponded: false,
    durationMs: null,
    firstContentMs: null,
    usage: null,
    deliveredCharacters: 0,
  };
}

// Adapters throw nothing else; should one have a bug, the answer was one that it could not read.
function toProviderError(thrown: unknown): ProviderError {
  if (thrown instanceof ProviderError && thrown.kind !== 'aborted') return thrown;
  return new ProviderError('malformed', 'The answer of the provider could not be read.', { cause: thrown });
}

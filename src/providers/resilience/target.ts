import type { ProviderConfig } from '../../config/gateway-config.js';
import type { CatalogEntry } from '../catalog/catalog-entry.js';
import type { LimitSlot, SlotRequest } from '../limits/limit-slot.js';
import type { ProviderLimiter } from '../limits/provider-limiter.js';
import type { TargetLoad } from '../routing/target-load.js';
import type { ProviderAdapter } from '../provider-adapter.js';
import type { ProviderErrorKind } from '../provider-error.js';
import type { AlarmListener } from '../provider-watch.js';
import type { CircuitBreaker, Permit } from './circuit-breaker.js';
import type { Credential, CredentialPool } from './credential-pool.js';

/** One configured provider at work. */
export interface Provider {
  readonly config: ProviderConfig;
  readonly adapter: ProviderAdapter;
  readonly credentials: CredentialPool;
  /** Shared by all targets and credentials of the provider; null when its operator set no limits. */
  readonly limiter: ProviderLimiter | null;
}

/** What a request asks of a seat, besides the target. */
export interface SeatRequest extends SlotRequest {
  /** Credentials that are not to be used. */
  readonly excluded?: ReadonlySet<Credential>;
  /** The very credential to use, though it may be resting. */
  readonly credential?: Credential;
  /** A slot that was waited for; it is given back when there is no seat. */
  readonly slot?: LimitSlot;
}

export interface TargetOptions {
  readonly provider: Provider;
  /** The provider's own name of the model. */
  readonly model: string;
  /** True when the models file names it; false when only a client did. */
  readonly isConfigured: boolean;
  readonly breaker: CircuitBreaker;
  readonly load: TargetLoad;
  readonly catalogEntry: CatalogEntry | null;
  readonly alarm?: AlarmListener;
}

/** A failure that was the target's own; `at` is wall-clock milliseconds. */
export interface TargetFailure {
  readonly kind: ProviderErrorKind;
  readonly at: number;
}

const REMEMBERED_FAILURES = 10;

const UNLIMITED: LimitSlot = { cancel: () => undefined, release: () => undefined };

/** A model at a provider, with what is known about its health. */
export class Target {
  readonly provider: Provider;
  readonly model: string;
  readonly isConfigured: boolean;
  readonly breaker: CircuitBreaker;
  readonly load: TargetLoad;
  readonly catalogEntry: CatalogEntry | null;
  /** Told of what only the operator can mend. */
  readonly alarm: AlarmListener;
  /** The last failures that were the target's own, the newest first. */
  readonly lastErrors: TargetFailure[] = [];
  consecutiveFailures = 0;

  constructor(options: TargetOptions) {
    this.provider = options.provider;
    this.model = options.model;
    this.isConfigured = options.isConfigured;
    this.breaker = options.breaker;
    this.load = options.load;
    this.catalogEntry = options.catalogEntry;
    this.alarm = options.alarm ?? (() => undefined);
  }

  /** A request failed by the target's own fault; `at` is wall-clock milliseconds. */
  noteFailure(kind: ProviderErrorKind, at: number): void {
    this.consecutiveFailures += 1;
    this.lastErrors.unshift({ kind, at });
    this.lastErrors.splice(REMEMBERED_FAILURES);
  }

  /** Tells whether the target is well and a credential usable; the provider's limits may still make a request wait. */
  isAvailable(): boolean {
    return this.breaker.isAvailable() && this.provider.credentials.hasUsable(this.model);
  }

  /** True while many requests are silent here for unusually long: then it is used only when there is nothing else. */
  isSuspect(): boolean {
    return this.load.isSuspect(this.provider.config.breaker.minRequests);
  }

  /** Everything a request needs here, or null when it cannot be dispatched now. Who gets a seat must settle it. */
  takeSeat(request: SeatRequest): Seat | null {
    const slot = this.#canSeat(request) ? (request.slot ?? this.#takeSlot(request)) : null;
    const permit = slot && this.breaker.acquire();
    const credential = permit && (request.credential ?? this.provider.credentials.pick(this.model, request.excluded));
    if (credential) return { target: this, credential, permit, slot };
    permit?.release();
    (slot ?? request.slot)?.cancel();
    return null;
  }

  // Asked first, so that nothing is taken only to be given back.
  #canSeat({ credential, excluded }: SeatRequest): boolean {
    if (!this.breaker.isAvailable()) return false;
    return credential !== undefined || this.provider.credentials.hasUsable(this.model, excluded);
  }

  #takeSlot(request: SlotRequest): LimitSlot | null {
    return this.provider.limiter ? this.provider.limiter.tryTake(request) : UNLIMITED;
  }
}

/** The right to send one request: to this target, with this credential. */
export interface Seat {
  readonly target: Target;
  readonly credential: Credential;
  readonly permit: Permit;
  readonly slot: LimitSlot;
}

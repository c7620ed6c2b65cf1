import type { ProviderConfig } from '../../config/gateway-config.js';
import type { CatalogEntry } from '../catalog/catalog-entry.js';
import type { ProviderAdapter } from '../provider-adapter.js';
import type { ProviderErrorKind } from '../provider-error.js';
import type { CircuitBreaker, Permit } from './circuit-breaker.js';
import type { Credential, CredentialPool } from './credential-pool.js';

/** One configured provider at work. */
export interface Provider {
  readonly config: ProviderConfig;
  readonly adapter: ProviderAdapter;
  readonly credentials: CredentialPool;
}

export interface TargetOptions {
  readonly provider: Provider;
  /** The provider's own name of the model. */
  readonly model: string;
  /** True when the models file names it; false when only a client did. */
  readonly isConfigured: boolean;
  readonly breaker: CircuitBreaker;
  readonly catalogEntry: CatalogEntry | null;
}

/** A model at a provider, with what is known about its health. */
export class Target {
  readonly provider: Provider;
  readonly model: string;
  readonly isConfigured: boolean;
  readonly breaker: CircuitBreaker;
  readonly catalogEntry: CatalogEntry | null;
  /** The last failure that was the target's own; `at` is wall-clock milliseconds. */
  lastError: { kind: ProviderErrorKind; at: number } | null = null;
  consecutiveFailures = 0;

  constructor(options: TargetOptions) {
    this.provider = options.provider;
    this.model = options.model;
    this.isConfigured = options.isConfigured;
    this.breaker = options.breaker;
    this.catalogEntry = options.catalogEntry;
  }

  /** Tells whether a request could be dispatched here now. */
  isAvailable(): boolean {
    return this.breaker.isAvailable() && this.provider.credentials.hasUsable(this.model);
  }

  /** Everything a request needs here, or null when it cannot be dispatched now. Who gets a seat must settle its permit. */
  takeSeat(excluded?: ReadonlySet<Credential>): Seat | null {
    const credential = this.provider.credentials.pick(this.model, excluded);
    if (!credential) return null;
    return this.takeSeatWith(credential);
  }

  /** The same with the very credential, though it may be resting. */
  takeSeatWith(credential: Credential): Seat | null {
    const permit = this.breaker.acquire();
    if (permit) return { target: this, credential, permit };
    this.provider.credentials.released(credential, this.model);
    return null;
  }
}

/** The right to send one request: to this target, with this credential. */
export interface Seat {
  readonly target: Target;
  readonly credential: Credential;
  readonly permit: Permit;
}

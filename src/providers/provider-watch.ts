import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../core/domain-events.js';
import { type BreakerState, Telemetry } from '../core/telemetry/telemetry.js';
import type { BlockReason } from './resilience/credential-pool.js';

/** Tells the operator, the metrics and other features when a provider gets sick or well again. */
@Injectable()
export class ProviderWatch {
  readonly #logger = new Logger('Providers');

  constructor(
    readonly telemetry: Telemetry,
    private readonly events: DomainEvents,
  ) {}

  /** What the breaker of one target calls. Down is said once, however often a probe fails, and up when it closes. */
  breakerListener(provider: string, model: string): (state: BreakerState) => void {
    let isDown = false;
    return (state) => {
      this.telemetry.breakerChanged({ provider, model, state });
      if (state === 'half-open' || isDown === (state === 'open')) return;
      isDown = state === 'open';
      this.events.emit({ type: isDown ? 'provider.down' : 'provider.up', provider, model });
      if (isDown) this.#logger.warn(`${provider}/${model} fails too often: no requests go there for now.`);
      else this.#logger.log(`${provider}/${model} answers again.`);
    };
  }

  /** A credential was refused; `credential` is its hash. */
  credentialBlocked(provider: string, reason: BlockReason, credential: string | null): void {
    this.#logger.error(
      `${provider} refused the credential ${credential ?? '(none)'}: ${reason}. It is out of use for now.`,
    );
  }
}

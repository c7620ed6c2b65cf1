import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents, type ProviderAlarmReason } from '../core/domain-events.js';
import { type BreakerState, Telemetry } from '../core/telemetry/telemetry.js';
import type { BlockReason } from './resilience/credential-pool.js';

/** The same trouble at the same target is told again after this long; the metric counts every time. */
const SILENCE_MS = 600_000;

const TROUBLES: Readonly<Record<Exclude<ProviderAlarmReason, Exclude<BlockReason, 'rate-limited'>>, string>> = {
  'model-unavailable': 'does not serve the model any more. Take it out of the models file, or name its successor.',
  'implausible-usage': 'reports a usage that cannot be meant. What it did is counted here instead.',
};

/** What a target says when something is wrong with it that only its operator can mend; `now` is wall-clock milliseconds. */
export type AlarmListener = (reason: keyof typeof TROUBLES, now: number) => void;

/** Tells the operator, the metrics and other features when a provider gets sick or well again, or needs somebody. */
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

  /** What one target calls; the log and other features hear of the same trouble once in ten minutes. */
  alarmListener(provider: string, model: string): AlarmListener {
    const toldAt = new Map<string, number>();
    return (reason, now) => {
      this.telemetry.providerAlarm({ provider, reason });
      const last = toldAt.get(reason);
      if (last !== undefined && now - last < SILENCE_MS) return;
      toldAt.set(reason, now);
      this.events.emit({ type: 'provider.alarm', provider, model, reason });
      this.#logger.error(`${provider}/${model} ${TROUBLES[reason]}`);
    };
  }

  /** A credential is out of use for the model, or with a null everywhere; `credential` is its hash. */
  credentialBlocked(provider: string, reason: BlockReason, credential: string | null, model: string | null): void {
    this.telemetry.credentialBlocked({ provider, reason });
    if (reason === 'rate-limited') return;
    this.telemetry.providerAlarm({ provider, reason });
    this.events.emit({ type: 'provider.alarm', provider, model, reason });
    const where = model === null ? '' : ` for ${model}`;
    const what = credential === null ? 'the credentials of this server' : `the credential ${credential}`;
    this.#logger.error(`${provider} refused ${what}${where}: ${reason}. Out of use for now.`);
  }
}

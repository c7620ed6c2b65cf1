import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AuthConfig } from '../../config/auth-config.js';
import { Clock } from '../../core/clock.js';
import { Housekeeping } from '../../core/housekeeping.js';
import { AuditLog } from './audit-log.js';

const LOOK_MS = 3_600_000;

/** Keeps the audit log as long as was configured, and no longer. */
@Injectable()
export class AuditRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('Audit');
  #running: Promise<void> | null = null;
  #cancelNext: (() => void) | null = null;
  #isStopped = false;

  constructor(
    private readonly log: AuditLog,
    private readonly config: AuthConfig,
    private readonly clock: Clock,
    private readonly housekeeping: Housekeeping,
  ) {}

  onApplicationBootstrap(): void {
    if (this.housekeeping.isOurs) this.#look();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    this.#cancelNext?.();
    await this.#running;
  }

  #look(): void {
    this.#running = this.log
      .forget(this.config.auditRetentionDays)
      .then(() => undefined)
      .catch((error: unknown) => {
        this.#logger.warn(`Old entries could not be removed: ${(error as Error).message}`);
      })
      .finally(() => {
        if (this.#isStopped) return;
        this.#cancelNext = this.clock.schedule(() => {
          this.#look();
        }, LOOK_MS);
      });
  }
}

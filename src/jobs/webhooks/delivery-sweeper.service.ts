import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { WebhooksConfig } from '../../config/webhooks-config.js';
import { Clock } from '../../core/clock.js';
import { RecurringTask } from '../../core/recurring-task.js';
import { DeliveryStore } from './delivery-store.js';

const SWEEP_EVERY_MS = 3_600_000;

/** Forgets deliveries whose time is over. */
@Injectable()
export class DeliverySweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #task: RecurringTask;

  constructor(store: DeliveryStore, config: WebhooksConfig, clock: Clock) {
    const logger = new Logger('Webhooks');
    this.#task = new RecurringTask(clock, {
      everyMs: SWEEP_EVERY_MS,
      run: () => store.sweep(config.keptDays),
      failed: (error) => {
        logger.warn(`Old deliveries could not be deleted: ${error.message}`);
      },
    });
  }

  onApplicationBootstrap(): void {
    this.#task.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#task.stop();
  }
}

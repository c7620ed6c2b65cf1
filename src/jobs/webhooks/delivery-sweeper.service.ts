import { Injectable } from '@nestjs/common';
import { WebhooksConfig } from '../../config/webhooks-config.js';
import { Housekeeping } from '../../core/housekeeping.js';
import { DeliveryStore } from './delivery-store.js';

const SWEEP_EVERY_MS = 3_600_000;

/** Forgets deliveries whose time is over. */
@Injectable()
export class DeliverySweeper {
  constructor(store: DeliveryStore, config: WebhooksConfig, housekeeping: Housekeeping) {
    housekeeping.add({
      everyMs: SWEEP_EVERY_MS,
      run: () => store.sweep(config.keptDays),
      complaint: 'Old deliveries could not be deleted',
    });
  }
}

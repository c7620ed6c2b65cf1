import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Page, type PageRequest, listNewest } from '../../auth/list-newest.js';
import { AppError } from '../../core/errors/app-error.js';
import { DeliveryBell } from './delivery-bell.js';
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js';

/** Which deliveries are wanted; what is undefined does not matter. */
export interface DeliveryFilter {
  readonly projectId?: string;
  readonly webhookId?: string;
  readonly status?: WebhookDeliveryEntity['status'];
}

/** The log of deliveries. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bell: DeliveryBell,
  ) {}

  /** Newest first. Throws `invalid_cursor`. */
  list({ projectId, webhookId, status }: DeliveryFilter, page: PageRequest): Promise<Page<WebhookDeliveryEntity>> {
    return listNewest(this.dataSource.getRepository(WebhookDeliveryEntity), page, {
      ...(projectId !== undefined && { projectId }),
      ...(webhookId !== undefined && { webhookId }),
      ...(status !== undefined && { status }),
    });
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<WebhookDeliveryEntity> {
    const found = await this.dataSource.manager.findOneBy(WebhookDeliveryEntity, { id });
    if (!found) throw new AppError('not_found', 'There is no delivery with this id.', { param: 'id' });
    return found;
  }

  /**
   * Tries at once, with all retries, under the same event id; one that is being tried already goes on. Throws `not_found`, and
   * `invalid_state` for a webhook that is disabled.
   */
  async redeliver(id: string): Promise<WebhookDeliveryEntity> {
    const { webhookId } = await this.get(id);
    const enabled = await this.dataSource.query<unknown[]>(
      `select 1 from webhook where id = $1 and status = 'enabled'`,
      [webhookId],
    );
    if (enabled.length === 0) throw new AppError('invalid_state', 'The webhook is disabled. Enable it first.');
    await this.dataSource.query(
      `update webhook_delivery set status = 'pending', failures = 0, next_attempt_at = now(), finished_at = null
       where id = $1 and (claimed_until is null or claimed_until <= now())`,
      [id],
    );
    this.bell.ring();
    return this.get(id);
  }
}

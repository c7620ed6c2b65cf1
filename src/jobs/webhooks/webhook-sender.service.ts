import { Injectable } from '@nestjs/common';
import { SecretBox } from '../../auth/secrets/secret-box.js';
import { WebhooksConfig } from '../../config/webhooks-config.js';
import { Cancellation } from '../../core/cancellation.js';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { VettedFetch } from '../../egress/vetted-fetch.js';
import type { ClaimedDelivery } from './delivery-store.js';
import type { DeliveryAttempt } from './webhook-delivery.entity.js';
import { signWebhook } from './webhook-secret.js';

/** More of what a receiver says is not read. */
const REPLY_BYTES = 64 * 1024;

/** Sends one event to one receiver, signed. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly egress: VettedFetch,
    private readonly secrets: SecretBox,
    private readonly config: WebhooksConfig,
    private readonly clock: Clock,
  ) {}

  /** What became of it. Never rejects: whatever goes wrong is the attempt's error. */
  async send(delivery: ClaimedDelivery): Promise<DeliveryAttempt> {
    const startedAt = this.clock.monotonic();
    const at = new Date(this.clock.now());
    const { status, error } = await this.#post(delivery, at).catch((thrown: unknown) => ({
      status: null,
      error: thrown instanceof AppError ? thrown.code : 'internal_error',
    }));
    return { at: at.toISOString(), status, error, duration_ms: Math.round(this.clock.monotonic() - startedAt) };
  }

  async #post(delivery: ClaimedDelivery, sentAt: Date): Promise<Pick<DeliveryAttempt, 'status' | 'error'>> {
    const { eventId: id, url, body, webhookId, sealedSecrets } = delivery;
    const secrets = await Promise.all(sealedSecrets.map((sealed) => this.secrets.open(sealed, secretPlace(webhookId))));
    const { status } = await this.egress.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signWebhook({ id, body, sentAt }, secrets) },
      body,
      maxBytes: REPLY_BYTES,
      keepsWhatFits: true,
      timeoutMs: this.config.timeoutMs,
      signal: new Cancellation(),
    });
    return { status, error: status >= 200 && status < 300 ? null : 'refused' };
  }
}

/** Where a webhook's secret is sealed: it opens nowhere else. */
export function secretPlace(webhookId: string): string {
  return `webhook/${webhookId}`;
}

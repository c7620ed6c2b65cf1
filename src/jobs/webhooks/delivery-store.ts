import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Telemetry } from '../../core/telemetry/telemetry.js';
import type { DeliveryAttempt } from './webhook-delivery.entity.js';

/** A delivery that this process is to try now. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly webhookId: string;
  readonly projectId: string;
  readonly url: string;
  readonly body: string;
  readonly failures: number;
  /** Encrypted; the one before only while it still counts. */
  readonly sealedSecrets: readonly Buffer[];
}

/** What becomes of a delivery after a try. */
export type DeliveryOutcome =
  | { readonly status: 'delivered' }
  | { readonly status: 'failed' }
  /** Milliseconds until it is tried again. */
  | { readonly status: 'pending'; readonly retryInMs: number };

interface ClaimTerms {
  /** Names this claim: nobody else may write the outcome. */
  readonly claim: string;
  readonly most: number;
  /** Of one webhook at once, in all processes together, so that a slow receiver keeps none of the others waiting. */
  readonly mostOfOne: number;
  readonly leaseMs: number;
}

const MOST_ATTEMPTS_KEPT = 20;

/** The table of deliveries, as those who deliver need it. */
@Injectable()
export class DeliveryStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly telemetry: Telemetry,
  ) {}

  /** Takes deliveries that are due, the longest waiting first. Those whose process died are due again after the lease. */
  async claim({ claim, most, mostOfOne, leaseMs }: ClaimTerms): Promise<ClaimedDelivery[]> {
    const [rows] = await this.dataSource.query<[ClaimedRow[], number]>(
      `with due as (
         select found.id from webhook
         cross join lateral (
           select id, next_attempt_at from webhook_delivery
           where webhook_id = webhook.id and status = 'pending' and next_attempt_at <= now()
             and (claimed_until is null or claimed_until <= now())
           order by next_attempt_at
           limit greatest(0, $3 - (
             select count(*) from webhook_delivery busy
             where busy.webhook_id = webhook.id and busy.status = 'pending' and busy.claimed_until > now()))
         ) found
         where webhook.status = 'enabled'
         order by found.next_attempt_at
         limit $2
       )
       update webhook_delivery set claim = $1, claimed_until = now() + $4 * interval '1 millisecond'
       from due, webhook
       where webhook_delivery.id = due.id and webhook.id = webhook_delivery.webhook_id and webhook_delivery.status = 'pending'
         and (claimed_until is null or claimed_until <= now())
       returning webhook_delivery.id, event_id, webhook_id, webhook_delivery.project_id, url, body, failures, sealed_secret,
         case when previous_secret_until > now() then sealed_previous_secret end as previous`,
      [claim, most, mostOfOne, leaseMs],
    );
    return rows.map(toClaimed);
  }

  /** Writes a try down; false when the claim was no longer ours, and then nothing of it counts. */
  async settle(id: string, claim: string, attempt: DeliveryAttempt, outcome: DeliveryOutcome): Promise<boolean> {
    const retryInMs = outcome.status === 'pending' ? outcome.retryInMs : 0;
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `update webhook_delivery set
         attempts = (
           select jsonb_agg(entry order by place) from (
             select entry, place from jsonb_array_elements(attempts || $3::jsonb) with ordinality as list (entry, place)
             order by place desc limit $6
           ) latest),
         status = $4, failures = failures + case when $4 = 'delivered' then 0 else 1 end,
         next_attempt_at = now() + $5 * interval '1 millisecond', claim = null, claimed_until = null,
         finished_at = case when $4 = 'pending' then null else now() end
       where id = $1 and claim = $2 and status = 'pending'`,
      [id, claim, JSON.stringify([attempt]), outcome.status, retryInMs, MOST_ATTEMPTS_KEPT],
    );
    if (count === 1) {
      const tried = outcome.status === 'pending' ? 'retried' : outcome.status;
      this.telemetry.deliveryTried({ outcome: tried, seconds: attempt.duration_ms / 1_000 });
    }
    return count === 1;
  }

  /** The receiver wants nothing any more: the webhook gets nothing until somebody enables it again. */
  async disable(webhookId: string, reason: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query(`update webhook set status = 'disabled', disabled_reason = $2 where id = $1`, [
        webhookId,
        reason,
      ]);
      await manager.query(
        `update webhook_delivery set status = 'failed', finished_at = now(), claim = null, claimed_until = null
         where webhook_id = $1 and status = 'pending'`,
        [webhookId],
      );
    });
  }

  /** Forgets deliveries that have been over for so long, and those as old that wait for a webhook to be enabled. */
  async sweep(keptDays: number): Promise<void> {
    await this.dataSource.query(
      `delete from webhook_delivery where created_at < now() - make_interval(days => $1) and (
         finished_at < now() - make_interval(days => $1) or
         status = 'pending' and webhook_id in (select id from webhook where status = 'disabled'))`,
      [keptDays],
    );
  }
}

interface ClaimedRow {
  id: string;
  event_id: string;
  webhook_id: string;
  project_id: string;
  url: string;
  body: string;
  failures: number;
  sealed_secret: Buffer;
  previous: Buffer | null;
}

function toClaimed(row: ClaimedRow): ClaimedDelivery {
  const { id, url, body, failures, previous } = row;
  return {
    ...{ id, url, body, failures, eventId: row.event_id, webhookId: row.webhook_id, projectId: row.project_id },
    sealedSecrets: previous ? [row.sealed_secret, previous] : [row.sealed_secret],
  };
}

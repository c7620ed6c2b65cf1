import { createHash } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../core/clock.js';
import { type DomainEvent, DomainEvents } from '../../core/domain-events.js';
import type { IdentifiedAnnouncement } from './announcement.js';
import { Announcer } from './announcer.service.js';

/** Replicas notice the same outage each for itself; what they notice within this time is one event. */
const SAME_EVENT_MS = 60_000;

/** Announces what has no job of its own: budgets that are nearly spent, providers that fail and come back. */
@Injectable()
export class DomainEventAnnouncer implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Webhooks');
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly events: DomainEvents,
    private readonly announcer: Announcer,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#unsubscribe = this.events.subscribe((event) => {
      const announcement = toAnnouncement(event, this.clock.now());
      if (!announcement) return;
      const projectId = 'projectId' in event ? event.projectId : null;
      this.announcer.announce(projectId, announcement).catch((error: unknown) => {
        this.#logger.warn(`Webhooks were not told of ${announcement.type}: ${(error as Error).message}`);
      });
    });
  }

  onModuleDestroy(): void {
    this.#unsubscribe();
  }
}

/** What webhooks are told of a domain event; null for those they are not told of, or not from here. */
export function toAnnouncement(event: DomainEvent, nowMs: number): IdentifiedAnnouncement | null {
  switch (event.type) {
    case 'budget.threshold_reached': {
      const { budgetId, keyId, window, periodStart, percent, amountUsd, spentUsd } = event;
      return {
        id: eventId('budget.threshold', budgetId, periodStart, String(percent), amountUsd),
        type: 'budget.threshold',
        data: {
          ...{ budget_id: budgetId, key_id: keyId, window, period_start: periodStart, percent },
          ...{ amount_usd: Number(amountUsd), spent_usd: Number(spentUsd) },
        },
      };
    }
    case 'provider.down':
    case 'provider.up': {
      const { type, provider, model } = event;
      const minute = String(Math.floor(nowMs / SAME_EVENT_MS));
      return { id: eventId(type, provider, model, minute), type, data: { provider, model } };
    }
    default:
      return null;
  }
}

function eventId(...facts: readonly string[]): string {
  return `evt_${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)}`;
}

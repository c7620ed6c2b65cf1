import type { JsonObject } from '../../core/json.js';
import type { TEST_EVENT_TYPE, WebhookEventType } from './webhook-event-types.js';

/** Something that happened, as receivers are told of it. */
export interface Announcement {
  readonly type: WebhookEventType | typeof TEST_EVENT_TYPE;
  readonly data: JsonObject;
  /** A webhook that is told besides those that asked for such events. */
  readonly webhookId?: string | null;
}

/** An announcement with its identity: the same fact always has the same id, however often it is noticed. */
export interface IdentifiedAnnouncement extends Announcement {
  /** `evt_...`; receivers tell repetitions by it. */
  readonly id: string;
}

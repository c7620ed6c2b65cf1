/** Everything that a webhook can be told. */
export const WEBHOOK_EVENT_TYPES = [
  'batch.completed',
  'batch.failed',
  'batch.cancelled',
  'batch.expired',
  'budget.threshold',
  'index.succeeded',
  'index.failed',
  'provider.down',
  'provider.up',
  'response.completed',
  'response.failed',
] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** What is sent when somebody tries a webhook; none of them has to ask for it. */
export const TEST_EVENT_TYPE = 'webhook.test';

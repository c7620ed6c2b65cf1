/** How webhooks are delivered; type and injection token in one. */
export abstract class WebhooksConfig {
  /** Milliseconds from each failed attempt to the next; after the last of them a delivery has failed. */
  abstract readonly retryAfterMs: readonly number[];
  /** Milliseconds that a receiver may take to answer. */
  abstract readonly timeoutMs: number;
  /** How long deliveries that are over are kept. */
  abstract readonly keptDays: number;
}

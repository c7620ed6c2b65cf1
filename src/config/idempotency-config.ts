/** How much of the answers to requests with an `Idempotency-Key` is kept; type and injection token in one. */
export abstract class IdempotencyConfig {
  /** How long an answer can be replayed. */
  abstract readonly keptSeconds: number;
  /** A longer answer is not kept. */
  abstract readonly answerLimitBytes: number;
  /** What all of them may take in the database; beyond it old ones are deleted before their time. */
  abstract readonly storageLimitBytes: number;
}

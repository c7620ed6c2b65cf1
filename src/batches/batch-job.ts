import type { JsonObject } from '../core/json.js';
import type { Scope } from '../core/principal.js';

/** The kind of the jobs that work on batches. */
export const BATCH_JOB = 'batch';

/** What such a job is told. */
export interface BatchJobPayload extends JsonObject {
  batchId: string;
  /** A webhook that is told of the end besides those that asked for it. */
  webhookId: string | null;
  /** What whoever is no key of ours might do when the batch was made; keys are asked for theirs at every line. */
  scopes: Scope[];
}

import type { JsonObject } from '../../core/json.js';

/** The kind of the jobs that answer in the background. */
export const RESPONSE_JOB = 'response';

/** What such a job is told. */
export interface ResponseJobPayload extends JsonObject {
  responseId: string;
  /** The labels of the request, for the ledger. */
  tags: string[];
  /** What the request said about caches (`CacheWish`); null for nothing. */
  cache: JsonObject | null;
}

import type { JsonObject } from '../../core/json.js';

/** The kind of the jobs that measure a collection. */
export const EVALUATION_JOB = 'evaluation';

/** A query with what it should find: grades by the name of a document. */
export interface JudgedQuery {
  id: string;
  text: string;
  relevance: Record<string, number>;
}

/** What a job measures. `settings` are as the client gave them, checked. */
export interface EvaluationJobPayload extends JsonObject {
  collectionId: string;
  queries: (JudgedQuery & JsonObject)[];
  settings: JsonObject[];
}

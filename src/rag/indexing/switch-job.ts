import type { JsonObject } from '../../core/json.js';

/** The kind of the jobs that give a collection another embedding model. */
export const SWITCH_JOB = 'switch_embedding_model';

/** Which collection gets which generation of vectors; the model is in the collection's row. */
export interface SwitchJobPayload extends JsonObject {
  collectionId: string;
  generation: number;
}

import type { JsonObject } from '../../core/json.js';

/** The kind of the jobs that index one version of one document. */
export const INDEX_JOB = 'index';

/** Which version a job indexes; the text is in the database, or the file that it is to be read from. */
export interface IndexJobPayload extends JsonObject {
  documentId: string;
  version: number;
}

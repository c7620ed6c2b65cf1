import type { JsonObject } from '../../core/json.js';

/** An uploaded file that is to be indexed; its bytes are stored already, and whoever submits it gives it away. */
export interface UploadToIndex {
  /** The id of the row in `upload`. */
  uploadId: string;
  /** SHA-256 of the bytes, in hexadecimal. */
  contentHash: string;
  source: string;
  title?: string;
  language?: string;
  metadata?: JsonObject;
  /** Name or id of a collection. */
  collection?: string;
  document_id?: string;
}

/** A document on its way in: a text, or a file whose text is still to be extracted. */
export interface NewDocument {
  content: { text: string } | { uploadId: string };
  contentHash: string;
  source: string;
  title: string | undefined;
  language: string | undefined;
  metadata: JsonObject | undefined;
  documentId: string | undefined;
}

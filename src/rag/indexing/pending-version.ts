import type { EmbeddedCollection } from '../collections/collections.service.js';
import type { VersionKey } from '../store/chunk-rows.js';

/** A version as it waits for its job, with its text. */
export interface PendingVersion {
  key: VersionKey;
  collection: EmbeddedCollection & { chunkSize: number; chunkOverlap: number; language: string | null };
  title: string | null;
  /** As the client gave it. */
  language: string | null;
  searchConfig: string;
  text: string;
  /** Where each page's text is; null for formats without pages. */
  pages: readonly { start: number; end: number }[] | null;
}

import { createHash } from 'node:crypto';
import type { TextChunk } from '../chunking/chunk-text.js';
import { DEFAULT_AVERAGE_LENGTH } from '../lexical/bm25.js';
import { toSearchText } from '../lexical/search-text.js';
import type { ChunkDraft, VersionKey } from '../store/chunk-rows.js';

/** A chunk with its place in the document and its id, which is the same whenever the same version is cut the same way. */
export interface PlacedChunk extends TextChunk {
  id: string;
  ordinal: number;
  /** Page that it begins on, from 1; null for formats without pages. */
  page: number | null;
}

/** Gives a chunk its id. */
export function placeChunk(
  key: VersionKey,
  chunk: TextChunk,
  place: { ordinal: number; page: number | null },
): PlacedChunk {
  const { projectId, documentId, version } = key;
  const name = [projectId, documentId, version, place.ordinal, chunk.start, chunk.end].join('\n');
  const id = `chunk_${createHash('sha256').update(name, 'utf8').digest('hex').slice(0, 26)}`;
  return { ...chunk, ...place, id };
}

/** What is embedded and indexed for a chunk: the title and the headings above it, then its text. Citations leave them out. */
export function contextualText(chunk: Pick<TextChunk, 'headingPath' | 'text'>, title: string | null): string {
  return [title, chunk.headingPath, chunk.text].filter((part) => part !== null && part !== '').join('\n\n');
}

/** By which an input for the embedding model is known again: half of its SHA-256, in base64url. */
export function hashInput(input: string): string {
  return createHash('sha256').update(input, 'utf8').digest().subarray(0, 16).toString('base64url');
}

/** A chunk with its embedding, ready for the publisher. */
export function draftChunk(
  key: VersionKey,
  chunk: PlacedChunk,
  version: { title: string | null; searchConfig: string },
  vector: { embedding: string; inputHash: string; generation: number },
): ChunkDraft {
  return {
    ...key,
    id: chunk.id,
    ordinal: chunk.ordinal,
    start: chunk.start,
    end: chunk.end,
    page: chunk.page,
    headingPath: chunk.headingPath,
    text: chunk.text,
    searchText: toSearchText(contextualText(chunk, version.title)),
    searchConfig: version.searchConfig,
    averageLength: DEFAULT_AVERAGE_LENGTH,
    ...vector,
  };
}

import { createHash } from 'node:crypto';
import type { TextChunk } from '../chunking/chunk-text.js';
import { DEFAULT_AVERAGE_LENGTH } from '../lexical/bm25.js';
import { toSearchText } from '../lexical/search-text.js';
import type { ChunkDraft, VersionKey } from '../store/chunk-rows.js';

/** A chunk with its place in the document and its id, which is the same whenever the same version is cut again. */
export interface PlacedChunk extends TextChunk {
  id: string;
  ordinal: number;
}

/** Gives a chunk its id. */
export function placeChunk(key: VersionKey, chunk: TextChunk, ordinal: number): PlacedChunk {
  const name = `${key.projectId}\n${key.documentId}\n${String(key.version)}\n${String(ordinal)}`;
  const id = `chunk_${createHash('sha256').update(name, 'utf8').digest('hex').slice(0, 26)}`;
  return { ...chunk, id, ordinal };
}

/** What is embedded and indexed for a chunk: the title and the headings above it, then its text. Citations leave them out. */
export function contextualText(chunk: TextChunk, title: string | null): string {
  return [title, chunk.headingPath, chunk.text].filter((part) => part !== null && part !== '').join('\n\n');
}

/** A chunk with its embedding, ready for the publisher. */
export function draftChunk(
  key: VersionKey,
  chunk: PlacedChunk,
  version: { title: string | null; searchConfig: string },
  embedding: Float32Array,
): ChunkDraft {
  return {
    ...key,
    id: chunk.id,
    ordinal: chunk.ordinal,
    start: chunk.start,
    end: chunk.end,
    headingPath: chunk.headingPath,
    text: chunk.text,
    searchText: toSearchText(contextualText(chunk, version.title)),
    searchConfig: version.searchConfig,
    averageLength: DEFAULT_AVERAGE_LENGTH,
    embedding,
  };
}

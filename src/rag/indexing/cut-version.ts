import { setImmediate as nextTurn } from 'node:timers/promises';
import { countTokens } from '../../tokens/count-tokens.js';
import { chunkText } from '../chunking/chunk-text.js';
import { placeChunk, type PlacedChunk } from './draft-chunks.js';
import type { PendingVersion } from './pending-version.js';

/** A chunk may have this many tokens whatever its size in characters. */
const MAX_CHUNK_TOKENS = 400;
// How long cutting may go on before others get their turn.
const SLICE_MS = 15;

/** Cuts a version's text into chunks, letting others run in between. Rejects with the signal's reason. */
export async function cutVersion(version: PendingVersion, signal: AbortSignal): Promise<PlacedChunk[]> {
  const { chunkSize, chunkOverlap } = version.collection;
  const options = { maxCharacters: chunkSize, overlap: chunkOverlap, maxTokens: MAX_CHUNK_TOKENS, countTokens };
  const chunks: PlacedChunk[] = [];
  const pageOf = createPageFinder(version.pages);
  let turnEnds = performance.now() + SLICE_MS;
  for (const chunk of chunkText(version.text, options)) {
    chunks.push(placeChunk(version.key, chunk, { ordinal: chunks.length, page: pageOf(chunk.start) }));
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    signal.throwIfAborted();
    turnEnds = performance.now() + SLICE_MS;
  }
  return chunks;
}

/** For offsets that only grow: the page an offset is on, from 1; between two pages the one that follows. */
export function createPageFinder(pages: PendingVersion['pages']): (offset: number) => number | null {
  if (!pages || pages.length === 0) return () => null;
  let index = 0;
  return (offset) => {
    while (index < pages.length - 1 && offset >= (pages[index]?.end ?? 0)) index += 1;
    return index + 1;
  };
}

import type { RetrievedChunk } from '../store/load-chunks.js';
import type { SearchResultDto } from './search.dto.js';

/** A retrieved chunk as clients see it. */
export function toSearchResult(chunk: RetrievedChunk): SearchResultDto {
  return {
    id: chunk.id,
    document_id: chunk.documentId,
    source: chunk.source,
    title: chunk.title,
    text: chunk.text,
    start: chunk.start,
    end: chunk.end,
    ...(chunk.page !== null && { page: chunk.page }),
    score: Math.round(chunk.score * 1e6) / 1e6,
    metadata: chunk.metadata,
  };
}

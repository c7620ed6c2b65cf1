import { scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';

/** Where a chunk stands. */
export interface ChunkPlace {
  readonly id: string;
  readonly documentId: string;
  readonly version: number;
  readonly ordinal: number;
}

/** A chunk beside a hit. */
export interface NeighbourChunk extends ChunkPlace {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly page: number | null;
}

interface NeighbourRow {
  id: string;
  document_id: string;
  version: number;
  ordinal: number;
  text: string;
  start_offset: number;
  end_offset: number;
  page: number | null;
}

/**
 * The chunks up to `distance` places before and behind each hit, by the hit's id, in the document's order. A chunk that is a
 * hit itself, or stands beside a better one already, comes no second time.
 */
export async function loadNeighbours(
  runner: SqlRunner,
  scope: SearchScope,
  hits: readonly ChunkPlace[],
  distance: number,
): Promise<Map<string, NeighbourChunk[]>> {
  const rows = await runner.query<NeighbourRow[]>(
    `select distinct c.id, c.document_id, c.version, c.ordinal, c.text, c.start_offset, c.end_offset, c.page
     from unnest($3::text[], $4::int[], $5::int[]) as h(document_id, version, ordinal)
     join chunk c on c.project_id = $1 and c.document_id = h.document_id and c.version = h.version
       and c.ordinal between h.ordinal - $6::int and h.ordinal + $6::int
     where c.collection_id = $2 order by c.document_id, c.ordinal`,
    [
      ...scopeParameters(scope),
      hits.map((hit) => hit.documentId),
      hits.map((hit) => hit.version),
      hits.map((hit) => hit.ordinal),
      distance,
    ],
  );
  const taken = new Set(hits.map((hit) => hit.id));
  const chunks = rows.map(toNeighbour);
  return new Map(
    hits.map((hit) => {
      const beside = chunks.filter((chunk) => !taken.has(chunk.id) && isBeside(hit, chunk, distance));
      for (const chunk of beside) taken.add(chunk.id);
      return [hit.id, beside];
    }),
  );
}

function isBeside(hit: ChunkPlace, chunk: ChunkPlace, distance: number): boolean {
  const isSameText = chunk.documentId === hit.documentId && chunk.version === hit.version;
  return isSameText && Math.abs(chunk.ordinal - hit.ordinal) <= distance;
}

function toNeighbour(row: NeighbourRow): NeighbourChunk {
  return {
    id: row.id,
    documentId: row.document_id,
    version: row.version,
    ordinal: row.ordinal,
    text: row.text,
    start: row.start_offset,
    end: row.end_offset,
    page: row.page,
  };
}

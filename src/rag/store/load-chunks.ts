import type { JsonObject } from '../../core/json.js';
import type { FusedHit } from '../retrieval/fuse-legs.js';
import { scopeParameters, type SearchScope } from './search-scope.js';
import type { SqlRunner } from './sql-runner.js';

/** A chunk with everything that an answer says about it. */
export interface RetrievedChunk extends FusedHit {
  id: string;
  documentId: string;
  source: string;
  title: string | null;
  text: string;
  start: number;
  end: number;
  /** Page that the chunk begins on, from 1; null for formats without pages. */
  page: number | null;
  metadata: JsonObject;
  version: number;
  /** Place in the document, from 0. */
  ordinal: number;
}

interface ChunkRow {
  id: string;
  document_id: string;
  source: string;
  title: string | null;
  text: string;
  start_offset: number;
  end_offset: number;
  page: number | null;
  metadata: JsonObject;
  version: number;
  ordinal: number;
}

/** Loads hits in their order; those that were deleted since they were found are left out. */
export async function loadChunks(
  runner: SqlRunner,
  scope: SearchScope,
  hits: readonly FusedHit[],
): Promise<RetrievedChunk[]> {
  if (hits.length === 0) return [];
  const rows = await runner.query<ChunkRow[]>(
    `select c.id, c.document_id, d.source, v.title, c.text, c.start_offset, c.end_offset, c.page, v.metadata,
       c.version, c.ordinal
     from chunk c
     join document d on d.project_id = c.project_id and d.id = c.document_id
     join document_version v on v.project_id = c.project_id and v.document_id = c.document_id and v.version = c.version
     where c.id = any($3::text[]) and c.project_id = $1 and c.collection_id = $2 and v.status = 'current'`,
    [...scopeParameters(scope), hits.map((hit) => hit.chunkId)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return hits.flatMap((hit) => {
    const row = byId.get(hit.chunkId);
    return row ? [toChunk(row, hit)] : [];
  });
}

function toChunk(row: ChunkRow, hit: FusedHit): RetrievedChunk {
  return {
    ...hit,
    id: row.id,
    documentId: row.document_id,
    source: row.source,
    title: row.title,
    text: row.text,
    start: row.start_offset,
    end: row.end_offset,
    page: row.page,
    metadata: row.metadata,
    version: row.version,
    ordinal: row.ordinal,
  };
}

/** Which of some lexemes each chunk holds, title and headings included, in the order of the ids. */
export async function matchLexemes(
  runner: SqlRunner,
  scope: SearchScope,
  chunkIds: readonly string[],
  lexemes: readonly string[],
): Promise<ReadonlySet<string>[]> {
  const rows = await runner.query<{ matched: string[] }[]>(
    `select array(select t.lexeme from unnest($4::text[]) as t(lexeme) where t.lexeme = any(tsvector_to_array(l.tsv))) as matched
     from unnest($3::text[]) with ordinality as w(id, place)
     left join chunk_lexical l on l.chunk_id = w.id and l.project_id = $1 and l.collection_id = $2
     order by w.place`,
    [...scopeParameters(scope), chunkIds, lexemes],
  );
  return rows.map((row) => new Set(row.matched));
}

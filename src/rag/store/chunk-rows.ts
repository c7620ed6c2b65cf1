import { termWeight } from '../lexical/bm25.js';
import { parseTsvector, toSparseVector } from '../lexical/lexeme.js';
import type { SqlRunner } from './sql-runner.js';

/** Which version of which document rows belong to. */
export interface VersionKey {
  projectId: string;
  collectionId: string;
  documentId: string;
  version: number;
}

/** A chunk ready to be analysed and stored. */
export interface ChunkDraft extends VersionKey {
  id: string;
  ordinal: number;
  start: number;
  end: number;
  /** Page that it begins on, from 1; null for formats without pages. */
  page: number | null;
  headingPath: string | null;
  text: string;
  /** What is indexed, title and heading path included, as the text search parser takes it. */
  searchText: string;
  searchConfig: string;
  averageLength: number;
  /** The vector as `toVectorText` writes it. */
  embedding: string;
  /** Of what was embedded: the same hash under the same generation means the same vector. */
  inputHash: string;
  /** The generation of vectors that the embedding is of. */
  generation: number;
}

/** A chunk with its lexemes. */
export interface ChunkRow extends ChunkDraft {
  tsvector: string;
  length: number;
  sparseVector: string;
}

/** Runs the server's parser and stemmer over some chunks and weighs their lexemes. Needs no transaction. */
export async function analyseChunks(runner: SqlRunner, drafts: readonly ChunkDraft[]): Promise<ChunkRow[]> {
  const rows = await runner.query<{ tsv: string }[]>(
    `select to_tsvector(t.config::regconfig, t.body)::text as tsv
     from unnest($1::text[], $2::text[]) with ordinality as t(config, body, place) order by t.place`,
    [drafts.map((draft) => draft.searchConfig), drafts.map((draft) => draft.searchText)],
  );
  return drafts.map((draft, index) => analyse(draft, rows[index]?.tsv ?? ''));
}

function analyse(draft: ChunkDraft, tsv: string): ChunkRow {
  const lexemes = parseTsvector(tsv);
  const length = lexemes.reduce((sum, lexeme) => sum + lexeme.frequency, 0);
  const weights = lexemes.map(
    (lexeme) => [lexeme.text, termWeight(lexeme.frequency, length, draft.averageLength)] as const,
  );
  // Positions are not stored: nothing reads them, and the column shrinks to a half.
  const tsvector = lexemes.map((lexeme) => lexeme.quoted).join(' ');
  return { ...draft, tsvector, length, sparseVector: toSparseVector(weights) };
}

/** Stores chunks of versions that are still pending; rows that are already there are left as they are. */
export async function insertChunks(runner: SqlRunner, rows: readonly ChunkRow[]): Promise<void> {
  if (rows.length === 0) return;
  const owner = [
    rows.map((row) => row.id),
    rows.map((row) => row.projectId),
    rows.map((row) => row.collectionId),
    rows.map((row) => row.documentId),
    rows.map((row) => row.version),
  ];
  await runner.query(
    `insert into chunk (id, project_id, collection_id, document_id, version, ordinal, start_offset, end_offset, heading_path, text, page)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[], $8::int[], $9::text[],
       $10::text[], $11::int[])
     on conflict (id) do nothing`,
    [
      ...owner,
      rows.map((row) => row.ordinal),
      rows.map((row) => row.start),
      rows.map((row) => row.end),
      rows.map((row) => row.headingPath),
      rows.map((row) => row.text),
      rows.map((row) => row.page),
    ],
  );
  await runner.query(
    `insert into chunk_lexical (chunk_id, project_id, collection_id, document_id, version, tsv, len, lex)
     select c.id, c.p, c.c, c.d, c.v, c.tsv::tsvector, c.len, c.lex::sparsevec
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::int[], $8::text[])
       as c(id, p, c, d, v, tsv, len, lex)
     on conflict (chunk_id) do nothing`,
    [...owner, rows.map((row) => row.tsvector), rows.map((row) => row.length), rows.map((row) => row.sparseVector)],
  );
  await insertEmbeddings(runner, rows);
}

/** Stores vectors of chunks; those that are already there under the generation are left as they are. */
export async function insertEmbeddings(
  runner: SqlRunner,
  rows: readonly (VersionKey & Pick<ChunkDraft, 'id' | 'embedding' | 'inputHash' | 'generation'>)[],
): Promise<void> {
  await runner.query(
    `insert into chunk_embedding
       (chunk_id, project_id, collection_id, document_id, version, embedding, input_hash, generation)
     select c.id, c.p, c.c, c.d, c.v, c.e::vector, c.h, c.g
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::int[])
       as c(id, p, c, d, v, e, h, g)
     on conflict (chunk_id, generation) do nothing`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.projectId),
      rows.map((row) => row.collectionId),
      rows.map((row) => row.documentId),
      rows.map((row) => row.version),
      rows.map((row) => row.embedding),
      rows.map((row) => row.inputHash),
      rows.map((row) => row.generation),
    ],
  );
}

/** The text form of a vector, normalised to length 1; the zero vector stays as it is. */
export function toVectorText(vector: Float32Array): string {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const norm = sum === 0 ? 1 : Math.sqrt(sum);
  const parts: string[] = [];
  for (const value of vector) parts.push((value / norm).toPrecision(7));
  return `[${parts.join(',')}]`;
}

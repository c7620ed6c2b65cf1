import { DEFAULT_AVERAGE_LENGTH } from '../lexical/bm25.js';
import type { SqlRunner } from './sql-runner.js';

/** What a recount found. */
export interface Recount {
  /** Chunks that can be found. */
  chunks: number;
  /** Terms whose count was wrong. */
  corrected: number;
}

const VISIBLE = `chunk_lexical c join document d
  on d.project_id = c.project_id and d.id = c.document_id and d.current_version = c.version
  where c.project_id = $1 and c.collection_id = $2`;

/**
 * Counts the terms and totals of a collection anew from its visible chunks. Runs in a transaction; nobody can publish to
 * the collection or delete from it until that ends. Null when there is no such collection.
 */
export async function recountCollection(
  runner: SqlRunner,
  projectId: string,
  collectionId: string,
): Promise<Recount | null> {
  const owner = [projectId, collectionId];
  const found = await runner.query<unknown[]>(
    `select 1 from collection where project_id = $1 and id = $2 for update`,
    owner,
  );
  if (found.length === 0) return null;
  const [row] = await runner.query<{ corrected: number }[]>(
    `with counted as (
       select s.word as lexeme, s.ndoc as df from ts_stat(format(
         'select c.tsv from chunk_lexical c join document d
            on d.project_id = c.project_id and d.id = c.document_id and d.current_version = c.version
          where c.project_id = %L and c.collection_id = %L', $1::text, $2::text)) s),
     known as (select lexeme, df from lex_term where project_id = $1 and collection_id = $2),
     wrong as (
       select lexeme, c.df from counted c full join known k using (lexeme) where c.df is distinct from k.df),
     removed as (
       delete from lex_term t using wrong w
       where t.project_id = $1 and t.collection_id = $2 and t.lexeme = w.lexeme and w.df is null),
     written as (
       insert into lex_term (project_id, collection_id, lexeme, df)
       select $1, $2, lexeme, df from wrong where df is not null order by lexeme
       on conflict (collection_id, lexeme) do update set df = excluded.df)
     select count(*)::int as corrected from wrong`,
    owner,
  );
  await runner.query(`update lex_stats set n = 0, total_len = 0 where project_id = $1 and collection_id = $2`, owner);
  const totals = await runner.query<{ n: number }[]>(
    `insert into lex_stats (project_id, collection_id, search_config, n, total_len, avg_ref)
     select $1, $2, v.search_config, count(*)::int, sum(c.len)::bigint, $3::float8
     from document_version v join (select c.* from ${VISIBLE}) c
       on c.project_id = v.project_id and c.document_id = v.document_id and c.version = v.version
     group by v.search_config
     on conflict (collection_id, search_config) do update set n = excluded.n, total_len = excluded.total_len
     returning n`,
    [...owner, DEFAULT_AVERAGE_LENGTH],
  );
  return { chunks: totals.reduce((sum, { n }) => sum + n, 0), corrected: row?.corrected ?? 0 };
}

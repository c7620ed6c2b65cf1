import type { IngestionApp } from './ingestion-app.js';

const AT_ONCE = 8;

/** What a collection holds, by SQL: rows of each table, and how often the words of its terms and totals are counted. */
export type Holdings = Record<string, number>;

/**
 * Stores documents of one chunk each in a collection, as indexing would have, and deletes them all through the API, several
 * at once and while other documents are indexed there. Resolves to what is left when those are deleted, too.
 */
export async function deleteMany(bench: IngestionApp, count: number): Promise<{ stored: Holdings; left: Holdings }> {
  const name = await bench.makeCollection('local/lexical-384');
  const { id } = await bench.show(name);
  const first = await bench.index(name, 'Word that all of the documents have.', { source: 'first' });
  await multiply(bench, first, count - 1);
  const recount = (await (await bench.app.post(`/v1/collections/${id}/recount`, {})).json()) as { job_id: string };
  await bench.waitFor(recount.job_id);
  const stored = await holdings(bench, id);
  const rows = await bench.query<{ id: string }>('select id from document where collection_id = $1 order by id', [id]);
  const others: string[] = [];
  const work = async (): Promise<void> => {
    for (let row = rows.pop(); row; row = rows.pop()) {
      if (rows.length % 50 === 0) {
        const content = `Word that number ${String(rows.length)} has.`;
        others.push(await bench.index(name, content, { source: `other-${String(rows.length)}` }));
      }
      await remove(bench, row.id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await Promise.all(others.map((other) => remove(bench, other)));
  return { stored, left: await holdings(bench, id) };
}

async function remove(bench: IngestionApp, id: string): Promise<void> {
  const { status } = await bench.app.delete(`/v1/documents/${id}`);
  if (status !== 200) throw new Error(`Deleting ${id} was answered with ${String(status)}.`);
}

async function multiply(bench: IngestionApp, documentId: string, copies: number): Promise<void> {
  const from = (table: string, columns: string, values: string, owner: string): string =>
    `insert into ${table} (${columns}) select ${values} from ${table} r, generate_series(1, $2::int) as n where r.${owner} = $1`;
  const copy = (value: string): string => `${value} || '-' || n`;
  for (const sql of [
    from(
      'document',
      'project_id, id, collection_id, source, current_version, latest_version',
      `project_id, ${copy('id')}, collection_id, ${copy('source')}, current_version, latest_version`,
      'id',
    ),
    from(
      'document_version',
      'project_id, document_id, version, collection_id, status, search_config, content_hash, text',
      `project_id, ${copy('document_id')}, version, collection_id, status, search_config, ${copy('content_hash')}, text`,
      'document_id',
    ),
    from(
      'chunk',
      'id, project_id, collection_id, document_id, version, ordinal, start_offset, end_offset, text',
      `${copy('id')}, project_id, collection_id, ${copy('document_id')}, version, ordinal, start_offset, end_offset, text`,
      'document_id',
    ),
    from(
      'chunk_lexical',
      'chunk_id, project_id, collection_id, document_id, version, tsv, len, lex',
      `${copy('chunk_id')}, project_id, collection_id, ${copy('document_id')}, version, tsv, len, lex`,
      'document_id',
    ),
    from(
      'chunk_embedding',
      'chunk_id, project_id, collection_id, document_id, version, embedding, generation',
      `${copy('chunk_id')}, project_id, collection_id, ${copy('document_id')}, version, embedding, generation`,
      'document_id',
    ),
  ]) {
    await bench.query(sql, [documentId, copies]);
  }
}

async function holdings(bench: IngestionApp, collectionId: string): Promise<Holdings> {
  const counts = ['document', 'document_version', 'chunk', 'chunk_lexical', 'chunk_embedding'].map(
    (table) => `(select count(*)::int from ${table} where collection_id = $1) as ${table}`,
  );
  const [row] = await bench.query<Holdings>(
    `select ${counts.join(', ')},
       (select coalesce(max(df), 0)::int from lex_term where collection_id = $1) as lex_term,
       (select coalesce(sum(n), 0)::int from lex_stats where collection_id = $1) as lex_stats`,
    [collectionId],
  );
  return row ?? {};
}

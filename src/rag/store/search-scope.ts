import type { Filter } from '../retrieval/filter/filter.js';
import { compileFilter, needsDocument } from './compile-filter.js';
import type { SqlRunner } from './sql-runner.js';

/** Where a search looks. Both ids go into every statement. */
export interface SearchScope {
  projectId: string;
  collectionId: string;
  /** Which generation of vectors is searched: the one that the collection was read with; the first when left out. */
  generation?: number;
  /** The documents that a filter leaves; missing or null for all. */
  documents?: DocumentScope | null;
}

/** Which documents a filter leaves: a list while they are few, else the filter itself. */
export type DocumentScope =
  | { readonly kind: 'few'; readonly ids: readonly string[]; readonly versions: readonly number[] }
  | { readonly kind: 'many'; readonly filter: Filter };

/** Up to so many documents are listed: their chunks are then found by an index and all of them compared. */
const FEW_DOCUMENTS = 2_000;

/**
 * Versions that are not visible yet are few; everything else that is stored is visible. `c` is the table of the leg, $1 the
 * project, $2 the collection. `not in` is always answered from a hash, whatever the planner believes of how many there are.
 */
const IS_VISIBLE = `(c.document_id, c.version) not in (
  select p.document_id, p.version from document_version p
  where p.status = 'pending' and p.collection_id = $2 and p.project_id = $1)`;

/** The visible versions that pass a filter. */
function compileVersions(filter: Filter, parameters: unknown[]): string {
  const document = needsDocument(filter)
    ? 'join document d on d.project_id = v.project_id and d.id = v.document_id'
    : '';
  return `document_version v ${document}
    where v.project_id = $1 and v.collection_id = $2 and v.status = 'current' and ${compileFilter(filter, parameters)}`;
}

/** The first parameters of every statement of a search: $1 is the project, $2 the collection. */
export function scopeParameters({ projectId, collectionId }: SearchScope): unknown[] {
  return [projectId, collectionId];
}

/** The condition on a leg's table `c` that a search sees the row: its own project and collection, visible, and not filtered out. */
export function compileScope({ documents }: SearchScope, parameters: unknown[]): string {
  const owner = 'c.project_id = $1 and c.collection_id = $2';
  if (!documents) return `${owner} and ${IS_VISIBLE}`;
  if (documents.kind === 'few') {
    parameters.push(documents.ids, documents.versions);
    const [ids, versions] = [`$${String(parameters.length - 1)}`, `$${String(parameters.length)}`];
    return `${owner} and (c.document_id, c.version) in (select * from unnest(${ids}::text[], ${versions}::int[]))`;
  }
  return `${owner} and exists (select 1 from ${compileVersions(documents.filter, parameters)}
    and v.document_id = c.document_id and v.version = c.version)`;
}

/** Asks which documents a filter leaves. */
export async function findDocuments(runner: SqlRunner, scope: SearchScope, filter: Filter): Promise<DocumentScope> {
  const parameters = scopeParameters(scope);
  const rows = await runner.query<{ document_id: string; version: number }[]>(
    `select v.document_id, v.version from ${compileVersions(filter, parameters)}
     limit ${String(FEW_DOCUMENTS + 1)}`,
    parameters,
  );
  if (rows.length > FEW_DOCUMENTS) return { kind: 'many', filter };
  return { kind: 'few', ids: rows.map((row) => row.document_id), versions: rows.map((row) => row.version) };
}

/** How many documents and chunks of the collection a search looks at. */
export async function countScope(
  runner: SqlRunner,
  scope: SearchScope,
): Promise<{ documents: number; chunks: number }> {
  const parameters = scopeParameters(scope);
  const rows = await runner.query<{ documents: number; chunks: number }[]>(
    `select count(distinct c.document_id)::int as documents, count(*)::int as chunks
     from chunk_lexical c where ${compileScope(scope, parameters)}`,
    parameters,
  );
  return rows[0] ?? { documents: 0, chunks: 0 };
}

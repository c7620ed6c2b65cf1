import { holdAttempts } from '../../jobs/hold-attempts.js';
import type { AttemptKey } from '../../jobs/job-store.js';
import type { VersionKey } from './chunk-rows.js';
import type { SqlRunner } from './sql-runner.js';

/** A version that is to be made visible, with the one it replaces. */
export interface Swap extends VersionKey {
  /** The version that is visible now; 0 when none is. */
  previous: number;
}

/** A version that chunks are written for. */
export interface VersionWrite extends VersionKey {
  /** The generation of vectors that the chunks were embedded for. */
  generation: number;
  /** The attempt at a job that writes; null outside of jobs. */
  attempt: AttemptKey | null;
}

/**
 * What becomes of a version that was to be made visible. A newer one may be visible already, the document be deleted, the
 * collection have changed its model since the chunks were embedded, or the job have been cancelled or begun again.
 */
export type PublishOutcome = 'published' | 'superseded' | 'gone' | 'outdated' | 'stopped';

/**
 * Locks jobs, collections and documents of some versions, in this order, for the rest of the transaction and says which
 * versions may become visible: of several versions of one document only the newest.
 */
export async function lockVersions(
  runner: SqlRunner,
  versions: readonly VersionWrite[],
): Promise<{ outcomes: PublishOutcome[]; swaps: Swap[] }> {
  const attempts = versions.flatMap((version) => version.attempt ?? []);
  const held = await holdAttempts(runner, attempts);
  const generations = await lockCollections(runner, versions);
  const current = await lockDocuments(runner, versions);
  const newest = findNewest(versions.filter((version) => current.has(keyOf(version))));
  const outcomes = versions.map((version): PublishOutcome => {
    if (version.attempt && !held.has(version.attempt.id)) return 'stopped';
    const outcome = outcomeOf(version, current.get(keyOf(version)));
    if (outcome !== 'published') return outcome;
    if (newest.get(documentOf(version)) !== version.version) return 'superseded';
    return generations.get(version.collectionId) === version.generation ? 'published' : 'outdated';
  });
  const swaps = versions.flatMap((version, index) =>
    outcomes[index] === 'published' ? [{ ...version, previous: current.get(keyOf(version)) ?? 0 }] : [],
  );
  return { outcomes, swaps };
}

// Whoever changes the model takes a stronger lock, and so waits for those that write and keeps others from beginning to.
async function lockCollections(
  runner: SqlRunner,
  versions: readonly VersionWrite[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await runner.query<{ id: string; embedding_generation: number }[]>(
    `select id, embedding_generation from collection
     where (project_id, id) in (select * from unnest($1::text[], $2::text[])) order by id for key share`,
    [versions.map((version) => version.projectId), versions.map((version) => version.collectionId)],
  );
  return new Map(rows.map((row) => [row.id, row.embedding_generation]));
}

/**
 * Makes stored versions visible and removes what they replace, statistics included. Runs in the transaction that locked
 * them. Locks are always taken in one order: documents, terms, statistics.
 */
export async function publishVersions(runner: SqlRunner, swaps: readonly Swap[], averageLength: number): Promise<void> {
  if (swaps.length === 0) return;
  await moveStatistics(runner, swaps, averageLength);
  await removeReplaced(runner, swaps);
  await markCurrent(runner, swaps);
}

// A document that was deleted and made anew counts its versions from 1 again: whose a version is only its job tells.
function keyOf(version: Pick<VersionWrite, 'projectId' | 'documentId' | 'version' | 'attempt'>): string {
  return `${documentOf(version)}\n${String(version.version)}\n${version.attempt?.id ?? ''}`;
}

function documentOf(version: { projectId: string; documentId: string }): string {
  return `${version.projectId}\n${version.documentId}`;
}

function findNewest(versions: readonly VersionKey[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const version of versions) {
    const document = documentOf(version);
    newest.set(document, Math.max(version.version, newest.get(document) ?? 0));
  }
  return newest;
}

function outcomeOf(version: VersionKey, current: number | undefined): 'published' | 'superseded' | 'gone' {
  if (current === undefined) return 'gone';
  return current >= version.version ? 'superseded' : 'published';
}

async function lockDocuments(runner: SqlRunner, versions: readonly VersionWrite[]): Promise<Map<string, number>> {
  const rows = await runner.query<{ place: number; current_version: number }[]>(
    `select w.place::int as place, d.current_version
     from unnest($1::text[], $2::text[], $3::int[], $4::text[]) with ordinality
       as w(project_id, document_id, version, job_id, place)
     join document d on d.project_id = w.project_id and d.id = w.document_id
     join document_version v on v.project_id = d.project_id and v.document_id = d.id and v.version = w.version
       and (w.job_id is null or v.job_id = w.job_id)
     order by d.project_id, d.id for update of d`,
    [
      versions.map((version) => version.projectId),
      versions.map((version) => version.documentId),
      versions.map((version) => version.version),
      versions.map((version) => version.attempt?.id ?? null),
    ],
  );
  return new Map(
    rows.flatMap(({ place, current_version }): [string, number][] => {
      const version = versions[place - 1];
      return version ? [[keyOf(version), current_version]] : [];
    }),
  );
}

const SWAPS = `unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::int[]) as s(project_id, collection_id, document_id, version, previous)`;
const SWAPPED = `c.collection_id = s.collection_id and c.document_id = s.document_id and c.project_id = s.project_id`;

function swapParameters(swaps: readonly Swap[]): unknown[] {
  return [
    swaps.map((swap) => swap.projectId),
    swaps.map((swap) => swap.collectionId),
    swaps.map((swap) => swap.documentId),
    swaps.map((swap) => swap.version),
    swaps.map((swap) => swap.previous),
  ];
}

/** Counts what becomes visible in and what is replaced out of the terms and totals of the collections. */
export async function moveStatistics(runner: SqlRunner, swaps: readonly Swap[], averageLength: number): Promise<void> {
  await moveTerms(runner, swaps);
  await runner.query(
    `insert into lex_stats (project_id, collection_id, search_config, n, total_len, avg_ref)
     select s.project_id, s.collection_id, v.search_config,
       sum(case when c.version = s.version then 1 else -1 end)::int,
       sum(case when c.version = s.version then c.len else -c.len end)::bigint, $6::float8
     from ${SWAPS}
     join chunk_lexical c on ${SWAPPED} and c.version in (s.version, s.previous)
     join document_version v on v.project_id = c.project_id and v.document_id = c.document_id and v.version = c.version
     group by 1, 2, 3 order by 2, 3
     on conflict (collection_id, search_config) do update
     set n = lex_stats.n + excluded.n, total_len = lex_stats.total_len + excluded.total_len`,
    [...swapParameters(swaps), averageLength],
  );
}

// `ts_stat` counts the lexemes of a document of a thousand chunks in a tenth of the time that unnesting and sorting take.
function countTerms(sign: 1 | -1, versions: string): string {
  return `select ${String(sign)} as sign, word, ndoc from ts_stat(format(
      'select c.tsv from unnest(%L::text[], %L::int[]) as d(id, version)
       join chunk_lexical c on c.document_id = d.id and c.version = d.version
       where c.project_id = %L and c.collection_id = %L',
      s.documents, ${versions}, s.project_id, s.collection_id)) where 0 <> any(${versions})`;
}

async function moveTerms(runner: SqlRunner, swaps: readonly Swap[]): Promise<void> {
  // Always in the same order, so that two transactions never wait for each other.
  const unused = await runner.query<{ collection_id: string; lexeme: string }[]>(
    `with moved as (
       insert into lex_term (project_id, collection_id, lexeme, df)
       select s.project_id, s.collection_id, l.word, sum(l.sign * l.ndoc)::int
       from (select project_id, collection_id, array_agg(document_id) as documents, array_agg(version) as versions,
               array_agg(previous) as previous from ${SWAPS} group by 1, 2) as s
       cross join lateral (${countTerms(1, 's.versions')} union all ${countTerms(-1, 's.previous')}) as l
       group by l.word, s.collection_id, s.project_id having sum(l.sign * l.ndoc) <> 0
       order by l.word, s.collection_id
       on conflict (collection_id, lexeme) do update set df = lex_term.df + excluded.df
       returning collection_id, lexeme, df)
     select collection_id, lexeme from moved where df <= 0`,
    swapParameters(swaps),
  );
  if (unused.length === 0) return;
  await runner.query(
    `delete from lex_term where (collection_id, lexeme) in (select * from unnest($1::text[], $2::text[])) and df <= 0`,
    [unused.map((term) => term.collection_id), unused.map((term) => term.lexeme)],
  );
}

// Everything older goes, also what earlier attempts left behind; a newer version that is still being stored stays.
async function removeReplaced(runner: SqlRunner, swaps: readonly Swap[]): Promise<void> {
  const replacing = swaps.filter((swap) => swap.version > 1);
  if (replacing.length === 0) return;
  const older = `${SWAPS} where c.project_id = s.project_id and c.document_id = s.document_id and c.version < s.version`;
  for (const table of ['chunk_embedding', 'chunk_lexical']) {
    await runner.query(
      `delete from ${table} c using ${older} and c.collection_id = s.collection_id`,
      swapParameters(replacing),
    );
  }
  for (const table of ['chunk', 'document_version']) {
    await runner.query(`delete from ${table} c using ${older}`, swapParameters(replacing));
  }
}

async function markCurrent(runner: SqlRunner, swaps: readonly Swap[]): Promise<void> {
  const keys = swapParameters(swaps);
  const swapped = `s.project_id = t.project_id and s.document_id`;
  await runner.query(
    `update document_version t set status = 'current', indexed_at = now() from ${SWAPS}
     where ${swapped} = t.document_id and s.version = t.version`,
    keys,
  );
  await runner.query(`update document t set current_version = s.version from ${SWAPS} where ${swapped} = t.id`, keys);
}

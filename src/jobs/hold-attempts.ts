import type { AttemptKey } from './job-store.js';

interface SqlRunner {
  query<T = unknown>(sql: string, parameters?: unknown[]): Promise<T>;
}

/**
 * Keeps attempts from ending before the transaction does: the ids of those that still count. Whoever cancels one of them,
 * or begins it again, waits for what is written here, so that its clean-up sees it. Take these locks before any others.
 */
export async function holdAttempts(runner: SqlRunner, attempts: readonly AttemptKey[]): Promise<ReadonlySet<string>> {
  if (attempts.length === 0) return new Set();
  const rows = await runner.query<{ id: string }[]>(
    `select id from job where status = 'running' and (id, attempt) in (select * from unnest($1::text[], $2::int[]))
     order by id for share`,
    [attempts.map(({ id }) => id), attempts.map(({ attempt }) => attempt)],
  );
  return new Set(rows.map(({ id }) => id));
}

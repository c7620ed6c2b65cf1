/** What runs SQL: a data source, or a transaction's own manager. */
export interface SqlRunner {
  query<T = unknown>(sql: string, parameters?: unknown[]): Promise<T>;
}

/** The rows of a statement whatever shape the driver wraps them in: `UPDATE` and `DELETE` come as `[rows, count]`. */
export function rowsOf<T>(result: T[] | [T[], number]): T[] {
  const [first, second] = result as [unknown, unknown];
  return Array.isArray(first) && typeof second === 'number' ? (first as T[]) : (result as T[]);
}

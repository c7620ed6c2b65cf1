/** What runs SQL: a data source, or a transaction's own manager. */
export interface SqlRunner {
  query<T = unknown>(sql: string, parameters?: unknown[]): Promise<T>;
}

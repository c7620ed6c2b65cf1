/** Which schema a table is in: Trunkline's own, or the queue's beside it. */
export type Space = 'main' | 'queue';

/** A row: the values of the table's columns as PostgreSQL writes them. */
export type Row = readonly (string | null)[];

/** What a table holds: columns by name, the number of rows, and a digest of all of them in any order. */
export interface TableContents {
  readonly space: Space;
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly digest: string;
}

export interface SequenceContents {
  readonly space: Space;
  readonly name: string;
  readonly value: string;
  readonly isCalled: boolean;
}

/** What a set of data holds, before its rows. */
export interface Contents {
  /** The version of Trunkline that wrote it. */
  readonly version: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** The names of the migrations that made its tables, in the order they ran. */
  readonly migrations: readonly string[];
  /** The version of the queue's tables; null when there are none yet. */
  readonly queueVersion: number | null;
  readonly tables: readonly TableContents[];
  readonly sequences: readonly SequenceContents[];
}

/** A piece of a table, small enough to be held in memory. */
export interface Piece {
  /** Index in `Contents.tables`. */
  readonly table: number;
  readonly rows: readonly Row[];
}

/** Everything that Trunkline keeps in a database, from one moment. */
export interface DataSet {
  readonly contents: Contents;
  /** All rows, table after table; may be read once. */
  readonly pieces: () => AsyncIterable<Piece>;
}

/** How people call a table. */
export function labelOf({ space, name }: Pick<TableContents, 'space' | 'name'>): string {
  return space === 'main' ? name : `the queue's ${name}`;
}

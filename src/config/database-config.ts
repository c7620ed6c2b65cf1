/** Where the data lives; type and injection token in one. */
export abstract class DatabaseConfig {
  /** A PostgreSQL URL, or null for the embedded database under `dataDir`. */
  abstract readonly url: string | null;
  /** Absolute path of the data directory. */
  abstract readonly dataDir: string;
  /** The schema that holds Trunkline's tables. The queue's tables live in a schema of this name with `_jobs` behind it. */
  abstract readonly schema: string;
  abstract readonly poolSize: number;
}

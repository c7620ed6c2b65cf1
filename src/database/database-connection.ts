import pg from 'pg';
import type { AvailabilityPoolConfig } from './availability-pool.js';
import type { DatabaseConfig } from '../config/database-config.js';
import { checkServer } from './check-server.js';
import { DatabaseStartError } from './database-start-error.js';
import { EmbeddedDatabase } from './embedded/embedded-database.js';

// pg-boss takes names of up to 50 characters, and the queue's schema is this one with `_jobs` behind it.
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,44}$/;
const PROBE_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_TRANSACTION_TIMEOUT_MS = 60_000;
/** On a server, silence or a standstill that lasts longer means that it is away, and the client is better told so. */
const ACQUIRE_TIMEOUT_MS = 2_000;
/** The same for a server that makes no new connection: a client that waits is told so within a second. */
const CONNECT_STALL_MS = 900;
/** The server says sooner that it gave up a statement; which is not answered by then was lost on the way. */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000;
/** The embedded database runs one statement at a time, so waiting for a slow one is normal there. */
const EMBEDDED_ACQUIRE_TIMEOUT_MS = 15_000;

/** The one database of this process, embedded or a server, checked to be usable. */
export class DatabaseConnection {
  readonly schema: string;
  /** Whether PGlite answers: one session for all connections, no notifications. */
  readonly isEmbedded: boolean;
  /** Whether this process runs the embedded database, so that no other instance can be alive. */
  readonly isOwner: boolean;
  readonly #url: string;
  readonly #poolSize: number;
  readonly #embedded: EmbeddedDatabase | null;

  private constructor(config: DatabaseConfig, url: string, isEmbedded: boolean, embedded: EmbeddedDatabase | null) {
    this.schema = config.schema;
    this.isEmbedded = isEmbedded;
    this.isOwner = embedded !== null;
    this.#url = url;
    this.#poolSize = config.poolSize;
    this.#embedded = embedded;
  }

  /** Starts the embedded database when no URL is configured. Throws DatabaseStartError with what is wrong and what to do. */
  static async open(config: DatabaseConfig): Promise<DatabaseConnection> {
    if (!SCHEMA_NAME.test(config.schema)) {
      throw new DatabaseStartError(
        'invalid-schema',
        `"${config.schema}" cannot be the schema: use at most 45 lower-case letters, digits and underscores.`,
      );
    }
    const embedded = config.url === null ? await EmbeddedDatabase.start(config.dataDir) : null;
    const url = embedded?.url ?? config.url ?? '';
    try {
      const { isEmbedded } = await probe(url);
      return new DatabaseConnection(config, url, isEmbedded, embedded);
    } catch (error) {
      await embedded?.close();
      throw error;
    }
  }

  /** Options for a pool of `pg` connections that see the schema first and `public` after it. */
  poolConfig(options: { max?: number; applicationName?: string } = {}): AvailabilityPoolConfig {
    const { connectionString, serverOptions } = splitOptions(this.#url);
    return {
      connectionString,
      max: options.max ?? this.#poolSize,
      application_name: options.applicationName ?? 'trunkline',
      connectionTimeoutMillis: this.isEmbedded ? EMBEDDED_ACQUIRE_TIMEOUT_MS : ACQUIRE_TIMEOUT_MS,
      ...(!this.isEmbedded && { connectStallMillis: CONNECT_STALL_MS, answerTimeoutMillis: ANSWER_TIMEOUT_MS }),
      idleTimeoutMillis: 30_000,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      options: `${serverOptions} -c search_path=${this.schema},public`.trim(),
    };
  }

  /** Stops the embedded database if this process runs it. Close every pool before. */
  async close(): Promise<void> {
    await this.#embedded?.close();
  }
}

/** The driver lets `options` in the URL win over its own, so they are taken out of the URL and joined with ours. */
function splitOptions(url: string): { connectionString: string; serverOptions: string } {
  const [base = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  const serverOptions = parameters.get('options') ?? '';
  parameters.delete('options');
  return { connectionString: parameters.size > 0 ? `${base}?${parameters.toString()}` : base, serverOptions };
}

async function probe(url: string): Promise<{ isEmbedded: boolean }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  // Without a listener a connection that breaks between two queries would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new DatabaseStartError(
      'unreachable',
      `The database cannot be reached: ${(error as Error).message}. Check DATABASE_URL and that the server takes connections.`,
      { cause: error },
    );
  }
  try {
    return await checkServer(client);
  } finally {
    await client.end();
  }
}

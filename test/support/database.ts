import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { SERVERS_VARIABLE, startTestServer, type TestServer } from './database-global-setup.js';

/** A `DatabaseConfig` for one suite. */
export interface TestDatabase {
  readonly url: string;
  readonly dataDir: string;
  readonly schema: string;
  readonly poolSize: number;
}

let ownServer: TestServer | undefined;

/** Whether the suites run on a PostgreSQL server (`TEST_DATABASE_URL`) instead of the embedded database. */
export const runsOnServer = Boolean(process.env.TEST_DATABASE_URL);

/**
 * A schema of its own for one suite, empty: the application under test makes and migrates it. On `TEST_DATABASE_URL`, else
 * on the embedded database of this worker; a suite that runs without the global set-up starts one for itself.
 */
export async function createTestSchema(): Promise<TestDatabase> {
  let url = process.env.TEST_DATABASE_URL ?? serverOfWorker();
  if (!url) {
    ownServer ??= await startTestServer();
    url = ownServer.url;
  }
  return { url, dataDir: tmpdir(), schema: `test_${randomBytes(6).toString('hex')}`, poolSize: 5 };
}

// Jest counts its workers from 1.
function serverOfWorker(): string | undefined {
  const urls = process.env[SERVERS_VARIABLE]?.split(' ') ?? [];
  return urls[(Number(process.env.JEST_WORKER_ID ?? 1) - 1) % urls.length];
}

/** Removes the suite's schema with the queue's; call it after the application is closed. */
export async function dropTestSchema(config: TestDatabase): Promise<void> {
  await withClient(config, async (client) => {
    await client.query('set client_min_messages = warning');
    await client.query(`drop schema if exists "${config.schema}_jobs" cascade`);
    await client.query(`drop schema if exists "${config.schema}" cascade`);
  });
  await ownServer?.stop();
  ownServer = undefined;
}

/** Runs `work` on a connection of its own, which sees the suite's schema. */
export async function withClient<T>(config: TestDatabase, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: config.url,
    options: `-c search_path=${config.schema},public`,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

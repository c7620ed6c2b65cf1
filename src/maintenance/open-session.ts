import pg from 'pg';
import type { DatabaseConnection } from '../database/database-connection.js';

/** So that values are written the same way on every server. */
const SETTINGS = `set local statement_timeout = 0; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';
  set local idle_in_transaction_session_timeout = 0; set local intervalstyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex'`;

/** A distant server that is busy may take longer than a request waits for it. */
const CONNECT_MS = 30_000;
/** Sooner than the embedded database, or something on the way, ends a transaction in which nothing happens. */
const SILENCE_MS = 20_000;

/**
 * Runs `work` in one transaction on a connection of its own, in which values are read and written as text in one way;
 * `mode` follows `begin`. Without an error it is committed.
 */
export async function inTransaction<T>(
  connection: DatabaseConnection,
  mode: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...connection.poolConfig({ max: 1, applicationName: 'trunkline-maintenance' }),
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: 0,
    idle_in_transaction_session_timeout: 0,
  });
  // A connection that breaks is heard of by the statement that needs it.
  client.on('error', () => undefined);
  await client.connect();
  const endKeepAlive = keepAlive(client);
  try {
    // Only for the transaction: the embedded database has one session for everybody.
    await client.query(`begin ${mode}`);
    await client.query(SETTINGS);
    const result = await work(client);
    await client.query('commit');
    return result;
  } finally {
    endKeepAlive();
    // Ends a transaction that is still open, too.
    await client.end();
  }
}

/** Says something whenever nothing was said for long: one side of a move waits while the other one is at work. */
function keepAlive(client: pg.Client): () => void {
  let timer: NodeJS.Timeout | undefined;
  client.on('drain', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      client.query('select').catch(() => undefined);
    }, SILENCE_MS);
  });
  return () => {
    client.removeAllListeners('drain');
    clearTimeout(timer);
  };
}

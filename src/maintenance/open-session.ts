import pg from 'pg';
import type { DatabaseConnection } from '../database/database-connection.js';

/** So that values are written the same way on every server. */
const SETTINGS = `set local statement_timeout = 0; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD';
  set local intervalstyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex'`;

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
    statement_timeout: 0,
    idle_in_transaction_session_timeout: 0,
  });
  // A connection that breaks is heard of by the statement that needs it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Only for the transaction: the embedded database has one session for everybody.
    await client.query(`begin ${mode}`);
    await client.query(SETTINGS);
    const result = await work(client);
    await client.query('commit');
    return result;
  } finally {
    // Ends a transaction that is still open, too.
    await client.end();
  }
}

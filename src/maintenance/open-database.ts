import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseConfig } from '../config/database-config.js';
import { DatabaseConnection } from '../database/database-connection.js';
import { findEmbeddedOwner } from '../database/embedded/embedded-database.js';
import { filesIn } from '../database/embedded/replace-files.js';
import { LEDGER_FOLDER, parseSegmentName } from '../usage/ledger/segment-name.js';
import { MaintenanceError } from './maintenance-error.js';

/**
 * The configured database; an embedded one that a server runs is reached through that server. Throws MaintenanceError when
 * there is no embedded database in the data directory yet.
 */
export async function openDatabase(config: DatabaseConfig): Promise<DatabaseConnection> {
  const owner = config.url === null ? findEmbeddedOwner(config.dataDir) : null;
  if (owner) return DatabaseConnection.open(atUrl(config, owner.url));
  if (config.url === null) assertEmbedded(config.dataDir);
  return DatabaseConnection.open(config);
}

/** The same tables at another address; null for the embedded database. */
export function atUrl({ dataDir, schema, poolSize }: DatabaseConfig, url: string | null): DatabaseConfig {
  return { url, dataDir, schema, poolSize };
}

/** Throws MaintenanceError when the data directory holds no embedded database: opening it would make one. */
export function assertEmbedded(dataDir: string): void {
  if (existsSync(filesIn(dataDir))) return;
  throw new MaintenanceError(
    `There is no embedded database in ${dataDir}. Set TRUNKLINE_DATA_DIR to the directory that has it, or DATABASE_URL.`,
  );
}

/** Throws MaintenanceError while a server runs the embedded database. */
export function assertStopped(dataDir: string, advice: string): void {
  const owner = findEmbeddedOwner(dataDir);
  if (!owner) return;
  throw new MaintenanceError(`A server runs the database in ${dataDir} (process ${String(owner.pid)}). ${advice}`);
}

/** Whether settlements wait in write-ahead files for the next start. */
export function hasUnsettled(dataDir: string): boolean {
  const directory = join(dataDir, LEDGER_FOLDER);
  return existsSync(directory) && readdirSync(directory).some((name) => parseSegmentName(name) !== null);
}

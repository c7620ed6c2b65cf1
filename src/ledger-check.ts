import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { DatabaseConfig } from './config/database-config.js';
import { loadProcessEnvironment } from './config/load-process-environment.js';
import type { DatabaseConnection } from './database/database-connection.js';
import { MaintenanceError } from './maintenance/maintenance-error.js';
import { openDatabase } from './maintenance/open-database.js';
import { describeStartFailure } from './start-failure.js';
import { checkLedger, type LedgerProblem } from './usage/ledger/check-ledger.js';
import { LEDGER_FOLDER, parseSegmentName, REJECTED_FILE } from './usage/ledger/segment-name.js';

const LIVE = `select count(*)::int as live from instance where heartbeat_at > now() - interval '30 seconds'`;

/*
 * `npm run ledger:check`: proves that the ledger of the configured database adds up, the embedded one included, whether a
 * server runs on it or not. Prints what is wrong; the exit code is 0 when nothing is.
 */
async function main(): Promise<number> {
  Logger.overrideLogger(false);
  const { database } = loadProcessEnvironment();
  const connection = await openDatabase(database);
  try {
    const { problems, live } = await check(connection);
    const files = checkFiles(database, live > 0);
    for (const { rule, examples } of [...problems, ...files]) {
      print(`WRONG  ${rule}`);
      for (const example of examples) print(`       ${JSON.stringify(example)}`);
    }
    const wrong = problems.length + files.length;
    const scope = live > 0 ? `${String(live)} running; what they have under way is left out` : 'at rest';
    print(wrong === 0 ? `The ledger adds up (${scope}).` : `${String(wrong)} rules are broken (${scope}).`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await connection.close();
  }
}

/** All of it in one transaction, so that what is written meanwhile is seen whole or not at all. */
async function check(connection: DatabaseConnection): Promise<{ problems: LedgerProblem[]; live: number }> {
  const client = new pg.Client({ ...connection.poolConfig({ max: 1 }), statement_timeout: 0 });
  await client.connect();
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    const tables = await client.query<{ name: string | null }>(`select to_regclass('usage_rollup') as name`);
    if (!tables.rows[0]?.name) throw new MaintenanceError('There is no ledger yet: start the server once.');
    const { rows } = await client.query<{ live: number }>(LIVE);
    const live = rows[0]?.live ?? 0;
    const problems = await checkLedger(async (sql) => (await client.query<Record<string, unknown>>(sql)).rows, {
      atRest: live === 0,
    });
    return { problems, live };
  } finally {
    await client.end();
  }
}

function checkFiles({ dataDir }: DatabaseConfig, isRunning: boolean): LedgerProblem[] {
  const directory = join(dataDir, LEDGER_FOLDER);
  const names = namesIn(directory);
  const problems: LedgerProblem[] = [];
  if (names.includes(REJECTED_FILE)) {
    const lines = readFileSync(join(directory, REJECTED_FILE), 'utf8').trim().split('\n');
    problems.push({
      rule: `The database took every record: ${String(lines.length)} stand in ${join(directory, REJECTED_FILE)}. Mend what is wrong with them, or remove the file to accept the loss.`,
      examples: [],
    });
  }
  const left = names.filter((name) => parseSegmentName(name) !== null);
  if (!isRunning && left.length > 0) {
    problems.push({
      rule: `No write-ahead file is left at rest: the next start of the server with ${dataDir} settles what they hold.`,
      examples: left.slice(0, 5),
    });
  }
  return problems;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const reason = error instanceof MaintenanceError ? error.message : describeStartFailure(error);
    process.stderr.write(`The ledger cannot be checked. ${reason}\n`);
    process.exitCode = 2;
  },
);

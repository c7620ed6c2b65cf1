/*
 * The embedded database of a test run. Jest loads this file with plain Node (its transforms are not for a global set-up),
 * so it imports nothing but Node's own modules.
 */
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKER = join(ROOT, 'src/database/embedded/embedded-worker.ts');
/** Where the global set-up leaves the URLs for the suites, one for each of jest's workers, separated by spaces. */
export const SERVERS_VARIABLE = 'TRUNKLINE_TEST_SERVER_URLS';

export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

declare global {
  var trunklineTestServers: TestServer[] | undefined;
}

/** Jest's global set-up: a database for each worker, because one runs one statement at a time; none with TEST_DATABASE_URL. */
// eslint-disable-next-line no-restricted-syntax -- jest takes the default export
export default async function setUp({ maxWorkers }: { maxWorkers: number }): Promise<void> {
  if (process.env.TEST_DATABASE_URL || process.env[SERVERS_VARIABLE]) return;
  const servers: TestServer[] = [];
  globalThis.trunklineTestServers = servers;
  for (let count = 0; count < maxWorkers; count += 1) servers.push(await startTestServer());
  process.env[SERVERS_VARIABLE] = servers.map(({ url }) => url).join(' ');
}

/** A fresh embedded database on a socket of its own; its files are gone after `stop`. */
export async function startTestServer(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-test-'));
  const dataDirectory = join(directory, 'postgres');
  await copyTemplate(dataDirectory);
  const worker = await openWorker(dataDirectory, directory);
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(directory)}`,
    stop: async () => {
      await closeWorker(worker);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Making an empty database takes seconds, copying one does not: the first run of a version leaves one for the others. */
async function copyTemplate(dataDirectory: string): Promise<void> {
  const { version } = JSON.parse(
    readFileSync(join(ROOT, 'node_modules/@electric-sql/pglite/package.json'), 'utf8'),
  ) as { version: string };
  const template = join(tmpdir(), `trunkline-template-${version}`);
  if (!existsSync(template)) {
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-test-'));
    await closeWorker(await openWorker(join(directory, 'postgres'), directory));
    try {
      renameSync(join(directory, 'postgres'), template);
    } catch {
      // Another run was faster; its template is as good.
    }
    rmSync(directory, { recursive: true, force: true });
  }
  cpSync(template, dataDirectory, { recursive: true });
}

async function openWorker(dataDirectory: string, socketDirectory: string): Promise<Worker> {
  const socketPath = join(socketDirectory, '.s.PGSQL.5432');
  const worker = new Worker(WORKER, {
    execArgv: [],
    workerData: { dataDirectory, socketPath, idleTransactionMs: 10_000 },
  });
  await once(worker, 'message');
  return worker;
}

async function closeWorker(worker: Worker): Promise<void> {
  const exited = once(worker, 'exit');
  worker.postMessage('close');
  await exited;
}

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { SHAPES } from '../shapes.js';
import { freePort, type ServerProcess, startServer } from '../support/child.js';
import { BenchDatabase } from '../support/bench-database.js';
import { CHAT_PATH, type Contestant, type RunningContestant, type Surroundings } from './contestant.js';

const ROOT = join(import.meta.dirname, '..', '..');
const START_MS = 120_000;
/** So much that nothing is refused: what is measured is what the counting costs. */
const TERMS = {
  limits: { requests_per_minute: 10_000_000, tokens_per_minute: 1_000_000_000, concurrency: 10_000 },
  budgets: [{ window: 'month', amount_usd: 1_000_000 }],
};

/** Trunkline's path of a request alone: composed here, because the product has no switch that turns the rest off. */
export const bare = bareWith(1);
/** The product as it is started in production: key, limits, budget, ledger, log and metrics. */
export const governed = governedWith(1);
/** The same with a process for each of two cores, where the peers have one. */
export const bareWorkers = bareWith(2);
export const governedWorkers = governedWith(2);

function bareWith(workers: number): Contestant {
  return {
    name: nameOf('bare', workers),
    title: titleOf('Trunkline bare', workers),
    prepare: build,
    start: (surroundings) => startBare(surroundings, workers),
  };
}

function governedWith(workers: number): Contestant {
  return {
    name: nameOf('governed', workers),
    title: titleOf('Trunkline governed', workers),
    prepare: build,
    start: (surroundings) => startGoverned(surroundings, workers),
  };
}

function nameOf(name: string, workers: number): string {
  return workers === 1 ? name : `${name}-${String(workers)}`;
}

function titleOf(title: string, workers: number): string {
  return workers === 1 ? title : `${title}, WORKERS=${String(workers)}`;
}

async function startBare(surroundings: Surroundings, workers: number): Promise<RunningContestant> {
  const port = await freePort();
  const { flags, environment } = await startSettings();
  const server = await startServer({
    file: process.execPath,
    parameters: [...flags, join(ROOT, 'bench', 'bare', 'server.ts'), String(workers)],
    env: {
      ...environment,
      ...(await commonVariables(surroundings, port)),
      LOG_LEVEL: 'silent',
    },
    probeUrl: `http://127.0.0.1:${String(port)}/`,
    startLimitMs: START_MS,
  });
  return { ...server, endpoint: { port, path: CHAT_PATH, headers: { authorization: 'Bearer bench' } } };
}

async function startGoverned(surroundings: Surroundings, workers: number): Promise<RunningContestant> {
  const { databaseUrl, directory } = surroundings;
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const database = databaseUrl === null ? null : await BenchDatabase.create(databaseUrl);
  const adminKey = `bench-${randomBytes(24).toString('hex')}`;
  const server = await startServer({
    file: process.execPath,
    parameters: [join(ROOT, 'scripts', 'start.mjs')],
    env: {
      ...(await commonVariables(surroundings, port)),
      TRUNKLINE_ADMIN_KEY: adminKey,
      WORKERS: String(workers),
      TRUNKLINE_DATA_DIR: await mkdtemp(join(directory, 'data-')),
      ...(database && { DATABASE_URL: database.url }),
    },
    probeUrl: `${url}/health/ready`,
    startLimitMs: START_MS,
  });
  const stop = (): Promise<void> => stopBoth(server, database);
  try {
    const headers = { authorization: `Bearer ${await createKey(url, adminKey)}` };
    const otherPids = database ? () => database.localPids() : undefined;
    return { ...server, endpoint: { port, path: CHAT_PATH, headers }, otherPids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(): Promise<string> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'build.mjs')]);
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}

// What the product's own start passes to Node.
async function startSettings(): Promise<{ flags: string[]; environment: NodeJS.ProcessEnv }> {
  const file = pathToFileURL(join(ROOT, 'scripts', 'node-flags.mjs'));
  const settings = (await import(file.href)) as { NODE_FLAGS: string[]; NODE_ENVIRONMENT: NodeJS.ProcessEnv };
  return { flags: settings.NODE_FLAGS, environment: settings.NODE_ENVIRONMENT };
}

async function commonVariables(surroundings: Surroundings, port: number): Promise<NodeJS.ProcessEnv> {
  const file = join(surroundings.directory, 'trunkline.yaml');
  await writeFile(file, modelsFile(surroundings.mockPort));
  return {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    PORT: String(port),
    HOST: '127.0.0.1',
    TRUNKLINE_CONFIG: file,
  };
}

function modelsFile(mockPort: number): string {
  const names = SHAPES.map(({ name }) => name);
  return JSON.stringify({
    providers: {
      mock: { type: 'openai', base_url: `http://127.0.0.1:${String(mockPort)}/v1`, api_keys: ['bench'] },
    },
    models: Object.fromEntries(names.map((name) => [name, { targets: [`mock/${name}`] }])),
    prices: Object.fromEntries(names.map((name) => [`mock/${name}`, { input: 0.15, output: 0.6 }])),
  });
}

async function createKey(url: string, adminKey: string): Promise<string> {
  const response = await fetch(`${url}/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', scopes: ['chat'], ...TERMS }),
  });
  if (!response.ok) throw new Error(`No key could be made: ${await response.text()}`);
  return ((await response.json()) as { key: string }).key;
}

async function stopBoth(server: ServerProcess, database: BenchDatabase | null): Promise<void> {
  await server.stop();
  await database?.drop();
}

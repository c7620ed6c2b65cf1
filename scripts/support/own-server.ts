import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that a script may use. */
export interface ServerHandle {
  url: string;
  key: string;
  /** Ends the server when the script started it, and removes its data. */
  stop(): Promise<void>;
}

const ROOT = join(import.meta.dirname, '..', '..');
const START_MS = 180_000;
const STOP_MS = 15_000;

/** Starts the product on a free port, with fresh data unless a database is given, and waits until it is ready. */
export async function startOwnServer(options: { databaseUrl?: string }): Promise<ServerHandle> {
  const dataDir = await mkdtemp(join(tmpdir(), 'trunkline-'));
  const key = `script-${randomBytes(24).toString('hex')}`;
  const port = await freePort();
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PORT: String(port),
    HOST: '127.0.0.1',
    TRUNKLINE_ADMIN_KEY: key,
    TRUNKLINE_DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    DATABASE_URL: options.databaseUrl,
  };
  if (options.databaseUrl === undefined) delete environment.DATABASE_URL;
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = keepOutput(child);
  const stop = async (): Promise<void> => {
    await endProcess(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${String(port)}`;
  try {
    await untilReady(url, child, output);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, key, stop };
}

function keepOutput(child: ChildProcess): () => string {
  let text = '';
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text;
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The server did not start.\n${output()}`);
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The server was not ready after ${String(START_MS / 1_000)} s.\n${output()}`);
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

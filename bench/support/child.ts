import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';

const STOP_MS = 15_000;
const KEPT_CHARACTERS = 4_000;

/** A server process of the benchmark. */
export interface ServerProcess {
  readonly pid: number;
  /** Milliseconds from its start until it answered its probe with 200. */
  readonly startMs: number;
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly file: string;
  readonly parameters: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly probeUrl: string;
  readonly startLimitMs: number;
}

/** Starts a server, its log thrown away, and waits until its probe says 200. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const startedAt = performance.now();
  const child = spawn(command.file, command.parameters, { env: command.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (bytes: Buffer) => {
    output = (output + bytes.toString()).slice(-KEPT_CHARACTERS);
  });
  child.once('error', (error) => {
    output += error.message;
  });
  const stop = (): Promise<void> => endProcess(child);
  for (;;) {
    if (await answers(command.probeUrl)) break;
    const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (isGone || performance.now() - startedAt > command.startLimitMs) {
      await stop();
      throw new Error(`${command.file} did not start.\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { pid: child.pid ?? 0, startMs: performance.now() - startedAt, stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Ends a process, by force when it does not go. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
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

/** A port on loopback that was free a moment ago. */
export function freePort(): Promise<number> {
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

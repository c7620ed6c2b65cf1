import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A PostgreSQL or a Redis that belongs to one run, on a port of its own, and may fall over as it likes. */
export class OwnService {
  readonly #script: string;
  readonly #kind: 'postgres' | 'redis';
  readonly #port: number;

  constructor(kind: 'postgres' | 'redis', port: number) {
    this.#script = fileURLToPath(new URL(`../../../scripts/${kind}.sh`, import.meta.url));
    this.#kind = kind;
    this.#port = port;
  }

  /** Starts it where it does not run, and resolves to its URL. */
  async start(): Promise<string> {
    const { stdout } = await this.#call('start', {});
    return stdout.trim().split('\n').at(-1) ?? '';
  }

  /** Ends it; `hard` as when the plug is pulled. */
  async stop(how: 'gently' | 'hard' = 'gently'): Promise<void> {
    await this.#call('stop', {
      POSTGRES_STOP_MODE: how === 'hard' ? 'immediate' : 'fast',
      ...(how === 'hard' && { REDIS_STOP_MODE: 'kill' }),
    });
  }

  /** Ends it, waits and starts it again. */
  async restart(how: 'gently' | 'hard', pauseMs: number): Promise<void> {
    await this.stop(how);
    await delay(pauseMs);
    await this.start();
  }

  #call(command: string, variables: Record<string, string>): Promise<{ stdout: string }> {
    const port = { [`${this.#kind.toUpperCase()}_PORT`]: String(this.#port) };
    return run(this.#script, [command], { env: { ...process.env, ...port, ...variables } });
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const KEPT_CHARACTERS = 4_000;

export interface ServerProcessOptions {
  /** A file descriptor to log to; missing for what `printed` shows. */
  readonly stdout?: number | 'pipe';
  /** How many files it may have open. */
  readonly openFiles?: number;
}

/** The real server as a process of its own, started as `npm start` does it (which builds what is not built). */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly output: () => string,
  ) {}

  /** Resolves when it listens, on any free port; rejects with what it printed when it ends before. */
  static async start(
    variables: Readonly<Record<string, string>>,
    { stdout = 'pipe', openFiles }: ServerProcessOptions = {},
  ): Promise<ServerProcess> {
    const command = [process.execPath, START];
    // A shell can lower its own limits, and then become the server.
    if (openFiles !== undefined) command.unshift('/bin/sh', '-c', `ulimit -n ${String(openFiles)}; exec "$@"`, 'sh');
    const [program = '', ...parameters] = command;
    const child = spawn(program, parameters, {
      stdio: ['ignore', stdout, 'pipe'],
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'error',
        DRAIN_GRACE_SECONDS: '0',
        ...variables,
      },
    });
    let output = '';
    const url = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output = (output + chunk.toString('utf8')).slice(-KEPT_CHARACTERS);
        const found = /Listening +(http:\S+)\n/.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('close', (code) => {
        reject(new Error(`The server did not start: it ended with ${String(code)}.\n${output}`));
      });
    });
    return new ServerProcess(child, url, () => output);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The end of what it printed. */
  get printed(): string {
    return this.output();
  }

  /** Sends it a signal that does not end it. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it as a power cut would, or with another signal; resolves to its exit code when it is gone. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }

  /** Resolves to its exit code when it is gone, for whatever reason. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

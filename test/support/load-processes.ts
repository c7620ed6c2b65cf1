import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadReport } from './load-generator.js';

const SLOW_PROVIDER = fileURLToPath(new URL('slow-provider.ts', import.meta.url));
const LOAD_GENERATOR = fileURLToPath(new URL('load-generator.ts', import.meta.url));

/** A slow provider and a load in processes of their own: what they cost nobody takes for the server's. */
export class LoadProcesses {
  private constructor(
    private readonly provider: ChildProcess,
    private readonly load: ChildProcess,
    readonly providerUrl: string,
  ) {}

  /** Starts a provider that answers after `delayMs`, and a load that has nothing to do yet. */
  static async start(delayMs: number): Promise<LoadProcesses> {
    const provider = fork(SLOW_PROVIDER, [String(delayMs)]);
    const [{ port }] = (await once(provider, 'message')) as [{ port: number }];
    return new LoadProcesses(provider, fork(LOAD_GENERATOR), `http://127.0.0.1:${String(port)}/v1`);
  }

  /** Runs one job at a time. */
  async run(job: LoadJob): Promise<LoadReport> {
    this.load.send(job);
    const [report] = (await once(this.load, 'message')) as [LoadReport];
    return report;
  }

  stop(): void {
    this.provider.kill();
    this.load.kill();
  }
}

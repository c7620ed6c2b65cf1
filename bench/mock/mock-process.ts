import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { endProcess } from '../support/child.js';

/** The process of the mock. */
export class MockProcess {
  readonly pid: number;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.port = port;
  }

  static async start(): Promise<MockProcess> {
    const child = fork(join(import.meta.dirname, 'server.ts'));
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message: { port: number }) => {
        resolve(message.port);
      });
      child.once('exit', () => {
        reject(new Error('The mock did not start.'));
      });
    });
    return new MockProcess(child, port);
  }

  stop(): Promise<void> {
    return endProcess(this.#child);
  }
}

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK_BYTES = 65_536;

/** A pipe for the log of a server; its reader reads only when it is told to. */
export class LogPipe {
  /** For the server to write to. */
  readonly fd: number;
  readonly #reader: number;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);

  constructor(directory: string) {
    const path = join(directory, 'log.pipe');
    execFileSync('mkfifo', [path]);
    this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.fd = openSync(path, constants.O_WRONLY);
  }

  /** What is in the pipe, which has room again for what comes. */
  read(): string {
    let text = '';
    for (;;) {
      const bytes = this.#readOnce();
      if (bytes === 0) return text;
      text += this.#chunk.toString('utf8', 0, bytes);
    }
  }

  close(): void {
    closeSync(this.fd);
    closeSync(this.#reader);
  }

  #readOnce(): number {
    try {
      return readSync(this.#reader, this.#chunk);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}

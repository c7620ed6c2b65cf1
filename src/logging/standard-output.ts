import { fstatSync, write } from 'node:fs';

const OUTPUT = 1;
const RETRY_MS = 100;

/** Told when a text is out, or why it is not. */
export type Written = (error: Error | null) => void;

/** Where texts go one at a time: the next one only when the one before is done with. */
export interface TextSink {
  write(text: string, done: Written): void;
}

/**
 * The standard output of the process, never waited for: a pipe or a socket whose reader stopped holds up neither the event
 * loop nor, as a write in a thread would, the end of the process.
 */
export class StandardOutput implements TextSink {
  readonly #pipe: NodeJS.WriteStream | null = isPipe() ? process.stdout : null;
  /** The last text was cut in its midst, as on a disk that is full: what comes next must not be taken for its end. */
  #isTorn = false;

  write(text: string, done: Written): void {
    if (!this.#pipe) {
      const bytes = Buffer.from(this.#isTorn ? `\n${text}` : text);
      this.#writeFile(bytes, 0, done);
      return;
    }
    this.#pipe.write(text, (error) => {
      done(error ?? null);
    });
  }

  #writeFile(bytes: Buffer, from: number, done: Written): void {
    write(OUTPUT, bytes, from, bytes.length - from, null, (error, count) => {
      const at = from + (error ? 0 : count);
      if (error?.code === 'EAGAIN' || (!error && at < bytes.length)) {
        const goOn = (): void => {
          this.#writeFile(bytes, at, done);
        };
        if (error || count === 0) setTimeout(goOn, RETRY_MS);
        else goOn();
        return;
      }
      this.#isTorn = error !== null && from > 0;
      done(error);
    });
  }
}

function isPipe(): boolean {
  try {
    const output = fstatSync(OUTPUT);
    return output.isFIFO() || output.isSocket();
  } catch {
    // Somebody closed it: writes fail, and their lines are counted as lost.
    return false;
  }
}

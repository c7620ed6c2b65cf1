import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BALLAST = 'ballast';
const BLOCK = Buffer.alloc(4096);

/** A disk that is soon full. */
export class TinyDisk {
  private constructor(readonly path: string) {}

  /** Null, after saying so, where this process may not mount anything. */
  static mount(options: { bytes: number; files?: number }): TinyDisk | null {
    const path = mkdtempSync(join(tmpdir(), 'trunkline-disk-'));
    const places = options.files === undefined ? '' : `,nr_inodes=${String(options.files)}`;
    try {
      const settings = `size=${String(options.bytes)},mode=0777${places}`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', settings, 'tmpfs', path], { stdio: 'pipe' });
      return new TinyDisk(path);
    } catch (error) {
      rmSync(path, { recursive: true });
      const why = error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error);
      process.stdout.write(`Full disks are left out: nothing can be mounted here (${why}).\n`);
      return null;
    }
  }

  /** Takes all the room that is left. */
  fill(): void {
    const path = join(this.path, BALLAST);
    for (;;) {
      try {
        writeFileSync(path, BLOCK, { flag: 'a' });
      } catch {
        return;
      }
    }
  }

  /** Takes all the places for files that are left. */
  fillPlaces(): void {
    for (let number = 0; ; number += 1) {
      try {
        writeFileSync(join(this.path, `${BALLAST}-${String(number)}`), '');
      } catch {
        return;
      }
    }
  }

  /** Gives back what was taken. */
  empty(): void {
    for (const name of this.files()) if (name.startsWith(BALLAST)) rmSync(join(this.path, name));
  }

  /** What lies on it. */
  files(): string[] {
    return readdirSync(this.path);
  }

  setReadOnly(isReadOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, this.path]);
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true });
  }
}

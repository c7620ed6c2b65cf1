import { readFileSync, statSync } from 'node:fs';

const MAX_FILE_BYTES = 1024 ** 2;

/** What a file holds, or in one word why it cannot be used (the system's code, such as `ENOENT`). */
export type FileContent = { text: string; reason?: undefined } | { text?: undefined; reason: string };

/** Reads a configuration file as UTF-8; one above 1 MB is refused. */
export function readTextFile(path: string): FileContent {
  try {
    if (statSync(path).size > MAX_FILE_BYTES) return { reason: 'larger than 1 MB' };
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { reason: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
}

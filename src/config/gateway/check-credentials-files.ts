import { resolve } from 'node:path';
import { readTextFile } from '../read-text-file.js';
import type { ModelsFile } from './models-file.js';
import type { FileProblem } from './validate-models-file.js';

/** The credentials files (relative to `directory`) that cannot be used; nothing of what they hold is ever shown. */
export function checkCredentialsFiles({ providers }: ModelsFile, directory: string): FileProblem[] {
  return Object.entries(providers ?? {}).flatMap(([name, { credentials_file: file }]) => {
    const message = file === undefined ? null : problemOf(file, directory);
    return message === null ? [] : [{ path: ['providers', name, 'credentials_file'], message }];
  });
}

function problemOf(file: string, directory: string): string | null {
  const { text, reason } = readTextFile(resolve(directory, file));
  if (text === undefined) return `names a file that cannot be read (${reason}): ${file}`;
  return isJsonObject(text) ? null : `names a file that does not hold the JSON of credentials: ${file}`;
}

function isJsonObject(text: string): boolean {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null && !Array.isArray(content);
  } catch {
    return false;
  }
}

import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const SECRET_BYTES = 32;
const LEAST_CHARACTERS = 32;

/**
 * The secret in the file; a new one is made, readable for its owner alone, where there is none. Throws when the file cannot
 * be used: a new secret in its place would open nothing that the old one closed.
 */
export function obtainSecret(file: string): string {
  const known = read(file);
  if (known !== null) return checked(known, file);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = writeNewSecret(file);
  try {
    // Whole or not at all, and never in place of another process's.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return checked(readFileSync(file, 'utf8'), file);
}

/** Where the secret lies that the one in the file took the place of, while things are still closed under it. */
export function previousOf(file: string): string {
  return `${file}.previous`;
}

/**
 * Puts a new secret in the place of the one in the file, which stays beside it until `forgetPrevious`; an earlier change
 * that is unfinished is gone on with instead. At no moment is there neither.
 */
export function replaceSecret(file: string): void {
  const secret = obtainSecret(file);
  const previous = previousOf(file);
  if (!existsSync(previous)) linkSync(file, previous);
  else if (readFileSync(previous, 'utf8').trim() !== secret) return;
  // Both are the same also where a process died right here: nothing is closed under a new one yet.
  renameSync(writeNewSecret(file), file);
}

/** Nothing is closed under the previous secret any more. */
export function forgetPrevious(file: string): void {
  rmSync(previousOf(file), { force: true });
}

function writeNewSecret(file: string): string {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, randomBytes(SECRET_BYTES).toString('base64') + '\n', { mode: 0o600, flag: 'wx', flush: true });
  return draft;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function checked(text: string, file: string): string {
  const secret = text.trim();
  if (secret.length >= LEAST_CHARACTERS) return secret;
  throw new Error(`The secret in ${file} is too short to be the one that was made. Put the right one back.`);
}

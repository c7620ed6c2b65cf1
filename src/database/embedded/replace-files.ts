import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OwnerLock } from './owner-lock.js';

/** What the claim of somebody names who has the files and takes no connections. */
export const NO_SOCKET = '';

/** The directory of the embedded database's own files. */
export function filesIn(dataDir: string): string {
  return join(dataDir, 'postgres');
}

/** The file that says who owns the data directory. */
export function lockPath(dataDir: string): string {
  return join(dataDir, 'embedded.lock');
}

/**
 * Replaces the files of an embedded database that nobody runs: `make` makes others in a data directory of its own, which
 * take the place of the present ones only when they are whole. Resolves to where those were put; null when there were none.
 * Throws DatabaseStartError when somebody runs it.
 */
export async function replaceFiles(
  dataDir: string,
  make: (draftDataDir: string) => Promise<void>,
): Promise<string | null> {
  const lock = OwnerLock.acquire(lockPath(dataDir), NO_SOCKET);
  const draft = draftIn(dataDir);
  try {
    finishReplacement(dataDir);
    await make(draft);
    renameSync(filesIn(draft), replacementIn(dataDir));
    return finishReplacement(dataDir);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    lock.release();
  }
}

/**
 * Puts files that are whole and wait to take the place of others there, also after a process died in between, and removes
 * those that never became whole; returns where the others were put. Only for the owner of the directory.
 */
export function finishReplacement(dataDir: string): string | null {
  rmSync(draftIn(dataDir), { recursive: true, force: true });
  const replacement = replacementIn(dataDir);
  if (!existsSync(replacement)) return null;
  const files = filesIn(dataDir);
  const aside = existsSync(files) ? freeName(`${files}.replaced`) : null;
  if (aside !== null) renameSync(files, aside);
  renameSync(replacement, files);
  return aside;
}

function draftIn(dataDir: string): string {
  return join(dataDir, 'restoring');
}

function replacementIn(dataDir: string): string {
  return `${filesIn(dataDir)}.restored`;
}

function freeName(base: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${base}-${String(number)}`;
    if (!existsSync(name)) return name;
  }
}

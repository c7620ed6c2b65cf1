import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Files that change what a build makes, besides the sources. */
const BUILD_FILES = ['package-lock.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', '.swcrc'];
// The file itself, and what it is made as.
const GENERATED = join('src', 'metadata.');

/** A hash of everything that a build is made of: equal hashes, equal builds. */
export function sourceHash() {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
    .filter((path) => !path.startsWith(GENERATED) && !path.endsWith('.spec.ts'));
  const hash = createHash('sha256');
  for (const path of [...BUILD_FILES, ...sources.sort()]) {
    const file = join(ROOT, path);
    if (existsSync(file)) hash.update(`${path}\0`).update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

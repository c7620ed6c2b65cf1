import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, sourceHash } from './source-hash.mjs';

/** Runs a file of dist in this process; builds before, when the sources changed. */
export async function runBuilt(file) {
  const mark = join(ROOT, 'dist', '.build-hash');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== sourceHash()) {
    process.stderr.write('Building ...\n');
    const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { stdio: ['ignore', 2, 2] });
    if (status !== 0) process.exit(status ?? 1);
  }
  await import(pathToFileURL(join(ROOT, 'dist', file)).href);
}

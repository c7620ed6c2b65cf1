/** Builds dist: the metadata of the API document, then swc by nest-cli, then the mark that lets a start skip the build. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, sourceHash } from './source-hash.mjs';

function run(script, ...parameters) {
  const { status } = spawnSync(process.execPath, [join(ROOT, script), ...parameters], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const hash = sourceHash();
run('scripts/generate-metadata.mjs');
run('node_modules/@nestjs/cli/bin/nest.js', 'build');
writeFileSync(join(ROOT, 'dist', '.build-hash'), hash);

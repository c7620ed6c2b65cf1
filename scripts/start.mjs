/** Starts the server: builds when the sources changed, then runs dist/main.js in this process, so that signals reach it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NODE_ENVIRONMENT, NODE_FLAGS } from './node-flags.mjs';
import { ROOT, sourceHash } from './source-hash.mjs';

const MINIMUM = [22, 19];

function isNodeRecent() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

function isBuilt() {
  const mark = join(ROOT, 'dist', '.build-hash');
  return existsSync(mark) && readFileSync(mark, 'utf8') === sourceHash();
}

if (!isNodeRecent()) {
  process.stderr.write(
    `Trunkline needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node}.\n` +
      'Start it with `npm start`: npm runs it on the Node that `npm ci` installs. If that is what you did, the install\n' +
      'script of the package `node` did not run: try `npm rebuild node`, or install Node 24.\n',
  );
  process.exit(1);
}
if (!isBuilt()) {
  process.stderr.write('Building ...\n');
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
const main = join(ROOT, 'dist', 'main.js');
// The same process, so that signals go on reaching it, but with its flags and without this script's memory.
if (process.execve) {
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...NODE_FLAGS, main], {
    ...NODE_ENVIRONMENT,
    ...process.env,
  });
}
await import(pathToFileURL(main).href);

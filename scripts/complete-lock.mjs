/**
 * Adds to package-lock.json the optional packages of other platforms that its packages name and npm left out: when a
 * registry does not serve them, `npm install` forgets them and the next `npm ci` refuses the lock. Run it after a change
 * of dependencies. The platform is read off the package's name (`…-linux-x64-musl`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source-hash.mjs';

const PLATFORM = /(?:^|[-/])(darwin|win32|linux|android|freebsd|openharmony)-([a-z0-9]+)(?:-([a-z0-9-]+))?$/;
const file = join(ROOT, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

function platformEntry(name, version, isDevelopment) {
  const match = PLATFORM.exec(name);
  if (!match || !/^\d+\.\d+\.\d+$/.test(version)) return null;
  const [, os, cpu, abi = ''] = match;
  const libc = abi.includes('musl') ? ['musl'] : ['glibc'];
  return {
    version,
    cpu: [cpu],
    ...(isDevelopment && { dev: true }),
    ...(os === 'linux' && { libc }),
    optional: true,
    os: [os],
  };
}

let added = 0;
for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const isThere = [`${parent}/node_modules/${name}`, `node_modules/${name}`].some((path) => path in lock.packages);
    const entry = isThere ? null : platformEntry(name, version, dev);
    if (!entry) continue;
    lock.packages[`node_modules/${name}`] = entry;
    added += 1;
  }
}
const [root, ...others] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([root, ...others.sort(([left], [right]) => left.localeCompare(right, 'en'))]);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${String(added)} entries added\n`);

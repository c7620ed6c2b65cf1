import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders that `npm ci --omit=dev` would install, by package-lock.json; those of other platforms are not there. */
export function productionPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const wanted = Object.keys(packages).filter((path) => path !== '' && !packages[path].dev);
  // What lies in the folder of another one comes with it.
  return wanted.filter((path) => path.lastIndexOf('node_modules/') === 0 && existsSync(join(root, path)));
}

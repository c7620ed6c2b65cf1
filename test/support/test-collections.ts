import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Public test collections that are not part of the project; they may lie beside the checkout. */
const FOLDER = join(import.meta.dirname, '../../../shared/eval');

/** The folder of a test collection, e.g. `xquad/en`; null, with a word about it, when it is not on this machine. */
export function findTestCollection(name: string): string | null {
  const folder = join(FOLDER, name);
  if (existsSync(folder)) return folder;
  process.stderr.write(`Left out: the test collection ${folder} is not on this machine.\n`);
  return null;
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Collections of bad inputs that are not part of the project; they may lie beside the checkout. */
const FOLDER = join(import.meta.dirname, '../../../shared/inputs');

/** A file of the JSON parsing suite that no parser may accept. */
export interface BrokenJson {
  name: string;
  bytes: Buffer;
}

/** The files that are no JSON; empty, with a word about it, when they are not on this machine. */
export function readBrokenJson(): BrokenJson[] {
  const folder = join(FOLDER, 'json-parsing');
  if (!isThere(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.startsWith('n_'));
  return names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** Texts that break what handles text; empty, with a word about it, when they are not on this machine. */
export function readNaughtyStrings(): string[] {
  const file = join(FOLDER, 'naughty-strings.json');
  return isThere(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
}

function isThere(path: string): boolean {
  if (existsSync(path)) return true;
  process.stderr.write(`Left out: the inputs of ${path} are not on this machine.\n`);
  return false;
}

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readBeir } from './read-beir.js';
import { readSpans } from './read-spans.js';
import type { TestCollection } from './test-collection.js';

const MAX_DEPTH = 3;

/**
 * The test collections in a folder, or the one that it is, in the order of their names. Each is in BEIR's layout
 * (`corpus.jsonl`) or has spans (`docs/` and `questions.jsonl`). Throws when there is none.
 */
export async function findCollections(folder: string, split: string): Promise<TestCollection[]> {
  const root = resolve(folder);
  const directories = await findDirectories(root, MAX_DEPTH);
  if (directories.length === 0) {
    throw new Error(`${folder} holds no test collection: neither corpus.jsonl nor questions.jsonl is in it.`);
  }
  const collections: TestCollection[] = [];
  for (const directory of directories) {
    const name = directory === root ? nameOf(root) : relative(root, directory);
    collections.push(isBeir(directory) ? await readBeir(directory, { name, split }) : await readSpans(directory, name));
  }
  return collections;
}

// A folder that is a language says little without the one it is in.
function nameOf(directory: string): string {
  const name = basename(directory);
  return /^[a-z]{2,3}$/.test(name) ? join(basename(dirname(directory)), name) : name;
}

async function findDirectories(directory: string, depth: number): Promise<string[]> {
  if (isBeir(directory) || existsSync(join(directory, 'questions.jsonl'))) return [directory];
  if (depth === 0) return [];
  const entries = await readdir(directory, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found: string[] = [];
  for (const name of folders.sort()) found.push(...(await findDirectories(join(directory, name), depth - 1)));
  return found;
}

function isBeir(directory: string): boolean {
  return existsSync(join(directory, 'corpus.jsonl'));
}

/**
 * Puts many suites into few files: jest loads all modules of the product anew for every file, which takes longer than most
 * suites do. A suite in a group shares modules, and nothing else, with the others of its group.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './source-hash.mjs';

/** Hooks and tests outside of a `describe` would be those of the whole group: such a file stays alone. */
const OUTSIDE = /^(?:beforeAll|beforeEach|afterAll|afterEach|it|test)[.(]/m;
const FOLDERS = ['test/contract', 'test/e2e'];
/** Wire formats of adapters, which run with the units. */
const ELSEWHERE = join('test', 'contract', 'adapters');

/**
 * Writes `count` files into `directory`, each of which runs suites of about the same size together; returns the paths
 * for jest: these files, and those of suites that have to stay alone. `ignored` are parts of paths to leave out.
 */
export function groupSpecs(directory, count, ignored) {
  const files = FOLDERS.flatMap(listSpecs).filter((file) => !ignored.some((part) => file.includes(part)));
  const bySize = files.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
  bySize.sort((one, other) => other.text.length - one.text.length || one.file.localeCompare(other.file));
  const alone = bySize.filter(({ text }) => OUTSIDE.test(text)).map(({ file }) => file);
  const groups = Array.from({ length: count }, () => []);
  // There and back again, so that the first group does not get the largest of each round.
  for (const [index, { file }] of bySize.filter(({ text }) => !OUTSIDE.test(text)).entries()) {
    const place = index % (2 * count);
    groups[place < count ? place : 2 * count - 1 - place].push(file);
  }
  mkdirSync(directory, { recursive: true });
  const written = groups
    .filter((group) => group.length > 0)
    .map((group, index) => {
      const path = join(directory, `group-${String(index + 1).padStart(2, '0')}.spec.mjs`);
      const lines = group.sort().map((file) => `await import('${pathToFileURL(join(ROOT, file)).href}');\n`);
      writeFileSync(path, lines.join(''));
      return path;
    });
  return [...written, ...alone];
}

function listSpecs(folder) {
  if (folder === ELSEWHERE) return [];
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(join(ROOT, path)).isDirectory()) return listSpecs(path);
    return name.endsWith('.spec.ts') ? [path] : [];
  });
}

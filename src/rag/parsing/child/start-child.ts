import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ParserSettings } from '../parser-settings.js';

const MEGABYTE = 1024 ** 2;
// Run as TypeScript (tests) and compiled: the process begins with a file of its own either way.
const isTypeScript = import.meta.url.endsWith('.ts');
const CHILD = fileURLToPath(new URL(isTypeScript ? './parser-child.ts' : './parser-child.js', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../../', import.meta.url));
const ROOT = dirname(SOURCES);

/**
 * Starts a process that reads documents: without the environment of this one, without code from strings, and able to read
 * no files but the program's own.
 */
export function startChild(settings: ParserSettings): ChildProcess {
  return fork(CHILD, [String(settings.maxRssBytes)], {
    env: {},
    execArgv: childFlags(settings),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** Node's flags for such a process. */
export function childFlags({ maxHeapBytes }: ParserSettings): string[] {
  return [
    `--max-old-space-size=${String(Math.floor(maxHeapBytes / MEGABYTE))}`,
    '--disallow-code-generation-from-strings',
    '--permission',
    // For the watchdog; its thread has no more rights than the process.
    '--allow-worker',
    ...readablePaths().map((path) => `--allow-fs-read=${path}`),
    ...(isTypeScript ? [`--import=${typeScriptImports()}`] : []),
  ];
}

function readablePaths(): string[] {
  const folders = [SOURCES, ...packageFolders(ROOT), ...(isTypeScript ? [dirname(typeScriptImports())] : [])];
  // A folder that is a link is asked for by both of its names.
  const paths = folders.flatMap((path) => [path, realpathSync(path)]).map((path) => join(path, '*'));
  return [...new Set(paths), join(ROOT, 'package.json')];
}

/** Where packages are looked for from a folder, as far as it is there. */
function packageFolders(from: string): string[] {
  const parent = dirname(from);
  const folder = join(from, 'node_modules');
  return [...(existsSync(folder) ? [folder] : []), ...(parent === from ? [] : packageFolders(parent))];
}

function typeScriptImports(): string {
  return join(ROOT, 'scripts', 'support', 'typescript-imports.mjs');
}

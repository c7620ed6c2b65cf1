import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';

/** A text file that the demo indexes. */
export interface DemoDocument {
  source: string;
  title: string;
  content: string;
}

const EXTENSIONS = new Set(['.md', '.markdown', '.txt', '.rst', '.adoc']);
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'data']);
const MAX_FILES = 500;
const MAX_BYTES = 4_000_000;

/** The Markdown and text files under some paths, in order; hidden, empty, huge and binary ones are left out. */
export async function readDocuments(root: string, paths: readonly string[]): Promise<DemoDocument[]> {
  const documents: DemoDocument[] = [];
  for (const path of paths) {
    for await (const file of walk(path)) {
      if (documents.length === MAX_FILES) return documents;
      const document = await readDocument(root, file);
      if (document) documents.push(document);
    }
  }
  return documents;
}

async function* walk(path: string): AsyncGenerator<string> {
  const entry = await stat(path).catch(() => null);
  if (!entry) return;
  if (entry.isFile()) {
    if (EXTENSIONS.has(extname(path).toLowerCase()) && entry.size <= MAX_BYTES) yield path;
    return;
  }
  for (const name of (await readdir(path)).sort()) {
    if (!name.startsWith('.') && !SKIPPED.has(name)) yield* walk(join(path, name));
  }
}

async function readDocument(root: string, file: string): Promise<DemoDocument | null> {
  const content = (await readFile(file, 'utf8')).replace(/^\uFEFF/u, '');
  if (content.trim().length < 10 || content.includes('\0')) return null;
  const heading = /^#\s+(.+)$/mu.exec(content)?.[1]?.trim();
  const path = relative(root, file);
  return { source: path.startsWith('..') ? file : path, title: heading ?? basename(file), content };
}

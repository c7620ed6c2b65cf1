import { createHash } from 'node:crypto';
import type { ServerTool } from './server-tool.js';

const MOST_CHARACTERS = 64;
const DIGEST_CHARACTERS = 8;

/**
 * The tools by the names that models hear: letters, digits, `_` and `-`, at most 64, different from each other and from
 * `taken`. A name depends on nothing but the tool's own where it can, so that it is the same in the next request.
 */
export function nameTools(tools: readonly ServerTool[], taken: ReadonlySet<string>): Map<string, ServerTool> {
  const plain = tools.map(({ name }) => plainName(name));
  const named = new Map<string, ServerTool>();
  tools.forEach((tool, index) => {
    const name = plain[index] ?? '';
    const isFree = !taken.has(name) && plain.indexOf(name) === plain.lastIndexOf(name) && !named.has(name);
    named.set(
      isFree ? name : distinctName(tool.name, (candidate) => taken.has(candidate) || named.has(candidate)),
      tool,
    );
  });
  return named;
}

function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/gu, '_').slice(0, MOST_CHARACTERS);
}

function distinctName(name: string, isTaken: (candidate: string) => boolean): string {
  const stem = plainName(name).slice(0, MOST_CHARACTERS - DIGEST_CHARACTERS - 1);
  for (let round = 0; ; round += 1) {
    const digest = createHash('sha256')
      .update(`${String(round)} ${name}`)
      .digest('hex')
      .slice(0, DIGEST_CHARACTERS);
    const candidate = `${stem}_${digest}`;
    if (!isTaken(candidate)) return candidate;
  }
}

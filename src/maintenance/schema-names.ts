import type { Space } from './data-set.js';

/** The schema of a space, quoted. */
export function quotedSchema(schema: string, space: Space): string {
  return quoted(space === 'main' ? schema : `${schema}_jobs`);
}

/** A name as SQL takes any. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

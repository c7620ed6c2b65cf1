import type { JsonValue } from '../../../src/core/json.js';

/** A value where the API wants a word; empty for anything else. */
export function wordOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

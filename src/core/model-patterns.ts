/** A name, or the beginning of names with a `*` behind it; `*` alone stands for every name. */
export const MODEL_PATTERN = /^[^*\s\p{C}]*(?:[^*\s\p{C}]|\*)$/u;

/** Whether one of the patterns covers one of the names; case counts. */
export function matchesModel(patterns: readonly string[], names: Iterable<string>): boolean {
  for (const name of names) {
    if (isCovered(patterns, name)) return true;
  }
  return false;
}

/**
 * Whether a key whose list is `patterns` (null: no list) may ask for a model by `name`, which may be sent to `targets`,
 * each as `provider/model`: either the name is covered as it was written, or every one of the targets is. So an alias on
 * the list opens its own name only, and `openai/*` opens the bare names and aliases that lead to nobody else.
 */
export function allowsModel(patterns: readonly string[] | null, name: string, targets: Iterable<string>): boolean {
  if (patterns === null || isCovered(patterns, name)) return true;
  let count = 0;
  for (const target of targets) {
    if (!isCovered(patterns, target)) return false;
    count += 1;
  }
  return count > 0;
}

function isCovered(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

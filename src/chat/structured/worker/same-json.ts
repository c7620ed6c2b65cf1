/** Two equal items of a list: `i` is the later one. */
interface Twins {
  readonly i: number;
  readonly j: number;
}

/** Whether two values out of JSON texts are equal, as JSON Schema means it: names like `toString` are names like others. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isTree(one) || !isTree(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSameJson(one[name], other[name]))
  );
}

/** The first equal items that are found in a list; null when each is different. */
export function findTwins(items: readonly unknown[]): Twins | null {
  const leaves = new Map<unknown, number>();
  const trees: number[] = [];
  for (const [i, item] of items.entries()) {
    const j = isTree(item) ? trees.find((index) => isSameJson(items[index], item)) : leaves.get(item);
    if (j !== undefined) return { i, j };
    if (isTree(item)) trees.push(i);
    else leaves.set(item, i);
  }
  return null;
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export type Path = readonly (string | number)[];

/** A path as people write it, e.g. `models.smart.targets[0]` or `prices["lab/llama"].input`. */
export function formatPath(path: Path): string {
  return path.map(formatSegment).join('').replace(/^\./, '');
}

/** The segments of a JSON pointer; digits become array positions. */
export function parsePointer(pointer: string): Path {
  const segments = pointer.split('/').slice(1);
  return segments.map((segment) => {
    const text = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    return /^\d+$/.test(text) ? Number(text) : text;
  });
}

function formatSegment(segment: string | number): string {
  if (typeof segment === 'number') return `[${String(segment)}]`;
  return /^[A-Za-z_][\w-]*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`;
}

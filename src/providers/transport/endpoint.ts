/** The address of a path below a base address, whose own path and query are kept. */
export function endpoint(baseUrl: string, path: string): URL {
  const url = new URL(baseUrl);
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  return url;
}

/** Headers by lower-case name; later ones win. */
export function mergeHeaders(...parts: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const merged: Record<string, string> = {};
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) merged[name.toLowerCase()] = value;
  }
  return merged;
}

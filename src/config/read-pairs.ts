/** The pairs of `name=value,name=value`, values percent-decoded, as OpenTelemetry's variables write them; null when it is none. */
export function readPairs(text: string): [string, string][] | null {
  const pairs: [string, string][] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const index = part.indexOf('=');
    const name = part.slice(0, Math.max(index, 0)).trim();
    const value = decode(part.slice(index + 1).trim());
    if (name === '' || value === null) return null;
    pairs.push([name, value]);
  }
  return pairs;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

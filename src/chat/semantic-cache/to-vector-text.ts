/** A unit vector as pgvector reads it; null for a vector that points nowhere, and is like no other. */
export function toVectorText(vector: Float32Array): string | null {
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (!(sum > 0) || !Number.isFinite(sum)) return null;
  const norm = Math.sqrt(sum);
  return `[${Array.from(vector, (value) => (value / norm).toPrecision(7)).join(',')}]`;
}

/** How fast further occurrences of a term stop to count. */
export const K1 = 1.2;
/** How much the length of a chunk counts. */
export const B = 0.75;
/** The average length, in lexemes, that new collections weigh against; twice or half of the truth costs next to nothing. */
export const DEFAULT_AVERAGE_LENGTH = 130;

/** The chunk's side of BM25 for one term. */
export function termWeight(frequency: number, length: number, averageLength: number): number {
  return (frequency * (K1 + 1)) / (frequency + K1 * (1 - B + (B * length) / averageLength));
}

/** The query's side of BM25: how rare a term is among `count` chunks of which `holders` hold it. */
export function inverseFrequency(count: number, holders: number): number {
  const held = Math.min(Math.max(holders, 0), count);
  return Math.log(1 + (count - held + 0.5) / (held + 0.5));
}

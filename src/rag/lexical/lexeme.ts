import { createHash } from 'node:crypto';

/** Number of dimensions of the sparse vectors: 28 bits. */
export const SPARSE_DIMENSIONS = 268_435_456;

const CACHE_SIZE = 50_000;
const dimensions = new Map<string, number>();

/** A lexeme of one chunk with how often it occurs; `quoted` is its form inside a tsvector or tsquery literal. */
export interface Lexeme {
  text: string;
  quoted: string;
  frequency: number;
}

/** The dimension of a lexeme, 1-based: the first 28 bits of its md5, which is the same on every machine and version. */
export function lexemeDimension(lexeme: string): number {
  let dimension = dimensions.get(lexeme);
  if (dimension === undefined) {
    dimension = createHash('md5').update(lexeme, 'utf8').digest().readUInt32BE(0) / 16 + 1;
    dimension = Math.floor(dimension);
    if (dimensions.size >= CACHE_SIZE) dimensions.clear();
    dimensions.set(lexeme, dimension);
  }
  return dimension;
}

/** Reads the text form of a tsvector, `'lexeme':1,2 'it''s':3`, with positions counted as frequency. */
export function parseTsvector(text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  for (const match of text.matchAll(/'((?:[^'\\]|''|\\\\)*)'(?::([\dA-D,]+))?/gu)) {
    const quoted = match[1] ?? '';
    const positions = match[2];
    lexemes.push({
      quoted: `'${quoted}'`,
      text: quoted.replaceAll("''", "'").replaceAll('\\\\', '\\'),
      frequency: positions === undefined ? 1 : positions.split(',').length,
    });
  }
  return lexemes;
}

/** A lexeme as it stands inside a tsquery or tsvector literal. */
export function quoteLexeme(lexeme: string): string {
  return `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** The text form of a sparse vector; lexemes that share a dimension add up. */
export function toSparseVector(weights: Iterable<readonly [lexeme: string, weight: number]>): string {
  const byDimension = new Map<number, number>();
  for (const [lexeme, weight] of weights) {
    const dimension = lexemeDimension(lexeme);
    byDimension.set(dimension, (byDimension.get(dimension) ?? 0) + weight);
  }
  const entries = [...byDimension]
    .sort(([left], [right]) => left - right)
    .map(([dimension, weight]) => `${String(dimension)}:${weight.toPrecision(7)}`);
  return `{${entries.join(',')}}/${String(SPARSE_DIMENSIONS)}`;
}

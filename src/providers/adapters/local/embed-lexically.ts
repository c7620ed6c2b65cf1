import { splitWords } from '../../../core/text/split-words.js';

/** Length of every vector of `lexical-384`. */
export const LEXICAL_DIMENSIONS = 384;

const WORD_WEIGHT = 1;
const GRAM_WEIGHT = 1;
const GRAM_LENGTHS = [3, 4, 5] as const;
// Longer runs are no words; their grams would cost more than they say.
const MAX_WORD_LENGTH = 64;

/**
 * A unit vector for a text: its words and their character 3- to 5-grams, sublinear term frequency, signed feature hashing.
 * Lexical, not semantic. The same on every machine; a text without words gives the zero vector.
 */
export function embedLexically(text: string, termWeights?: ReadonlyMap<string, number>): Float32Array {
  const vector = new Float64Array(LEXICAL_DIMENSIONS);
  for (const [word, frequency] of countWords(text)) {
    const weight = (1 + Math.log(frequency)) * (termWeights?.get(word) ?? 1);
    if (weight > 0) addWord(vector, word, weight);
  }
  return toUnitVector(vector);
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function addWord(vector: Float64Array, word: string, weight: number): void {
  addFeature(vector, hashFeature(word, 0, word.length, 1), weight * WORD_WEIGHT);
  if (word.length > MAX_WORD_LENGTH) return;
  const bounded = `<${word}>`;
  for (const length of GRAM_LENGTHS) {
    for (let start = 0; start + length <= bounded.length; start += 1) {
      addFeature(vector, hashFeature(bounded, start, start + length, 2), weight * GRAM_WEIGHT);
    }
  }
}

function addFeature(vector: Float64Array, hash: number, weight: number): void {
  const index = (hash >>> 1) % LEXICAL_DIMENSIONS;
  vector[index] = (vector[index] ?? 0) + ((hash & 1) === 0 ? weight : -weight);
}

// FNV-1a over UTF-16 code units, then a finishing mix: its low bits alone are too regular for a sign.
function hashFeature(text: string, start: number, end: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let position = start; position < end; position += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function toUnitVector(vector: Float64Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  if (sum === 0) return new Float32Array(LEXICAL_DIMENSIONS);
  const norm = Math.sqrt(sum);
  return Float32Array.from(vector, (value) => value / norm);
}

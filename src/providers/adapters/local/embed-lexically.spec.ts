import { describe, expect, it } from '@jest/globals';
import { embedLexically, LEXICAL_DIMENSIONS } from './embed-lexically.js';

function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

const TRUNK = [
  [24, -0.2582], [28, 0.2582], [37, -0.2582], [72, 0.2582], [189, -0.2582], [234, -0.2582],
  [239, 0.2582], [240, 0.2582], [252, 0.5164], [267, -0.2582], [275, 0.2582], [383, -0.2582],
]; // prettier-ignore

describe('embedLexically', () => {
  it('gives a unit vector of 384 dimensions', () => {
    const vector = embedLexically('A trunk line joins the switchboards.');
    expect(vector).toHaveLength(LEXICAL_DIMENSIONS);
    expect(cosine(vector, vector)).toBeCloseTo(1, 5);
  });

  // Stored vectors must stay comparable with new ones: these numbers change only with the name of the model.
  it('is the same on every machine', () => {
    const entries = [...embedLexically('trunk')].map((value, index) => [index, Number(value.toFixed(4))]);
    expect(entries.filter(([, value]) => value !== 0)).toEqual(TRUNK);
  });

  it('puts texts that share words or parts of words closer than others', () => {
    const query = embedLexically('circuit breakers');
    const near = cosine(query, embedLexically('The circuit breaker opens.'));
    const far = cosine(query, embedLexically('A recipe for apple pie.'));
    expect(near).toBeGreaterThan(far + 0.2);
  });

  it('weighs words as it is told', () => {
    const weights = new Map([
      ['the', 0],
      ['trunk', 1],
    ]);
    expect(embedLexically('the trunk', weights)).toEqual(embedLexically('trunk'));
  });

  it.each(['', ' \n', '!?\u2026'])('gives the zero vector for a text without words: %j', (text) => {
    expect(embedLexically(text).every((value) => value === 0)).toBe(true);
  });
});

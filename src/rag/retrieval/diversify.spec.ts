import { describe, expect, it } from '@jest/globals';
import { capPerDocument, diversify } from './diversify.js';

const HITS = [
  { id: 'a', score: 1 },
  { id: 'twin of a', score: 0.95 },
  { id: 'b', score: 0.7 },
  { id: 'c', score: 0.1 },
];

function similarity(left: string, right: string): number {
  return left.endsWith('a') && right.endsWith('a') ? 0.99 : 0.1;
}

function order(lambda: number, limit = 3): string[] {
  return diversify(HITS, { lambda, limit, similarity }).map((hit) => hit.id);
}

describe('diversify', () => {
  it.each<[number, string[]]>([
    [1, ['a', 'twin of a', 'b']],
    [0.5, ['a', 'b', 'c']],
    [0.7, ['a', 'b', 'twin of a']],
  ])('with lambda %d chooses %j', (lambda, expected) => {
    expect(order(lambda)).toEqual(expected);
  });

  it('gives what there is', () => {
    expect(order(0.7, 10)).toHaveLength(4);
    expect(diversify([], { lambda: 0.7, limit: 3, similarity })).toEqual([]);
    expect(diversify([{ id: 'x', score: 0 }], { lambda: 0.7, limit: 3, similarity })).toHaveLength(1);
  });
});

describe('capPerDocument', () => {
  it('keeps the best of each document, in order', () => {
    const hits = ['x', 'x', 'y', 'x', 'y', 'z'].map((documentId, place) => ({ documentId, place }));
    expect(capPerDocument(hits, 1).map((hit) => hit.place)).toEqual([0, 2, 5]);
    expect(capPerDocument(hits, 2).map((hit) => hit.place)).toEqual([0, 1, 2, 4, 5]);
  });
});

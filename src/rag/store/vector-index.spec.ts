import { describe, expect, it } from '@jest/globals';
import { createIndexSql, indexOf, spaceOfIndex } from './vector-index.js';

const SPACE = { collectionId: `col_${'0'.repeat(24)}`, generation: 3, dimensions: 384 };

describe('vector indexes', () => {
  it('have a name that tells their space, within what PostgreSQL takes', () => {
    const index = indexOf(SPACE);
    expect(spaceOfIndex(index?.name ?? '')).toEqual(SPACE);
    expect(indexOf({ ...SPACE, generation: 99_999, dimensions: 4_000 })?.name.length).toBeLessThanOrEqual(63);
    expect(spaceOfIndex('chunk_embedding_owner_idx')).toBeNull();
  });

  it.each([
    [1, 'vector(1)) vector_ip_ops'],
    [2_000, 'vector(2000)) vector_ip_ops'],
    [2_001, 'halfvec(2001)) halfvec_ip_ops'],
    [4_000, 'halfvec(4000)) halfvec_ip_ops'],
  ])('R12 of %d dimensions are of the type that takes them', (dimensions, expected) => {
    const index = indexOf({ ...SPACE, dimensions });
    expect(index && createIndexSql(index)).toContain(expected);
  });

  it.each([
    ['too many dimensions', { dimensions: 4_001 }],
    ['no dimensions', { dimensions: 0 }],
    ['an id that is not ours', { collectionId: `col_x' or true --` }],
  ])('R12 are not made for %s', (_name, wrong) => {
    expect(indexOf({ ...SPACE, ...wrong })).toBeNull();
  });
});

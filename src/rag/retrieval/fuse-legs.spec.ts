import { describe, expect, it } from '@jest/globals';
import { fuseLegs, fuseRanks, type LegRanks } from './fuse-legs.js';

const HITS = [
  { chunkId: 'words', lexical: 10, dense: 0.1 },
  { chunkId: 'meaning', lexical: 1, dense: 0.8 },
  { chunkId: 'neither', lexical: 0, dense: 0.1 },
];

function order(denseWeight: number, isDenseRelative = false): string[] {
  return fuseLegs(HITS, { denseWeight, isDenseRelative }).map((hit) => hit.chunkId);
}

describe('fuseLegs', () => {
  it('follows the heavier leg', () => {
    expect(order(0.1)).toEqual(['words', 'meaning', 'neither']);
    expect(order(0.9)).toEqual(['meaning', 'words', 'neither']);
  });

  it('scales each leg by its best score', () => {
    const [best] = fuseLegs(HITS, { denseWeight: 0, isDenseRelative: false });
    expect(best).toMatchObject({ chunkId: 'words', score: 1 });
    expect(fuseLegs(HITS, { denseWeight: 1, isDenseRelative: false })[0]?.score).toBe(1);
  });

  it('measures dense scores from the lowest where they lie close together', () => {
    const hits = fuseLegs(HITS, { denseWeight: 1, isDenseRelative: true });
    expect(hits.map((hit) => hit.score)).toEqual([1, 0, 0]);
  });

  it('orders equal scores by id, whatever order they came in', () => {
    const equal = [
      { chunkId: 'b', lexical: 1, dense: 0 },
      { chunkId: 'a', lexical: 1, dense: 0 },
    ];
    expect(fuseLegs(equal, { denseWeight: 0.5, isDenseRelative: false }).map((hit) => hit.chunkId)).toEqual(['a', 'b']);
  });

  it('bears legs that found nothing', () => {
    expect(fuseLegs([], { denseWeight: 0.5, isDenseRelative: true })).toEqual([]);
    expect(
      fuseLegs([{ chunkId: 'a', lexical: 0, dense: 0 }], { denseWeight: 0.5, isDenseRelative: true })[0]?.score,
    ).toBe(0);
  });
});

describe('fuseRanks', () => {
  const RANKS: Record<string, LegRanks> = {
    words: { lexical: 1, dense: null },
    meaning: { lexical: 2, dense: 1 },
    neither: { lexical: null, dense: 2 },
  };
  const fuse = (denseWeight: number): { chunkId: string; score: number }[] =>
    fuseRanks(HITS, (id) => RANKS[id] ?? { lexical: null, dense: null }, { denseWeight, rankConstant: 60 });

  it('prefers what both legs brought', () => {
    expect(fuse(0.5).map((hit) => hit.chunkId)).toEqual(['meaning', 'words', 'neither']);
  });

  it('follows one leg when the other does not count', () => {
    expect(fuse(0).map((hit) => hit.chunkId)).toEqual(['words', 'meaning', 'neither']);
    expect(fuse(1).map((hit) => hit.score)).toEqual([1, 61 / 62, 0]);
  });

  it('gives 1 to the first of both legs', () => {
    const [best] = fuseRanks(HITS.slice(0, 1), () => ({ lexical: 1, dense: 1 }), { denseWeight: 0.3, rankConstant: 1 });
    expect(best?.score).toBeCloseTo(1, 12);
  });
});

import { describe, expect, it } from '@jest/globals';
import { fuseLegs } from './fuse-legs.js';

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

import { describe, expect, it } from '@jest/globals';
import type { CollectionReport } from './measure-collection.js';
import { findShortfalls } from './quality-floors.js';

const SPEED = { p50Ms: 1, p95Ms: 2 };

function report(values: Partial<CollectionReport>): CollectionReport {
  return {
    ...{ name: 'eval/scifact', database: 'embedded', documents: 1, queries: 1, indexSeconds: 1 },
    ...{ rankings: [], passages: [], answers: null, ...values },
  };
}

function ranking(mode: string, ndcg10: number, recall100 = 0.95): CollectionReport['rankings'][number] {
  return { mode, ndcg10, recall100, mrr10: 0.5, ...SPEED };
}

describe('findShortfalls', () => {
  it('is silent when all is well, and about what was not measured', () => {
    expect(findShortfalls(report({ rankings: [ranking('hybrid', 0.7), ranking('lexical', 0.69)] }))).toEqual([]);
    expect(findShortfalls(report({}))).toEqual([]);
  });

  it('names every score below its floor', () => {
    const found = findShortfalls(report({ rankings: [ranking('hybrid', 0.66, 0.9)] }));
    expect(found).toHaveLength(2);
    expect(found.join()).toMatch(/nDCG@10 is 0\.6600, at least 0\.6650.*Recall@100/);
  });

  it('holds hybrid search to its better leg on any collection', () => {
    const rankings = [ranking('hybrid', 0.7), ranking('lexical', 0.706), ranking('dense', 0.2)];
    expect(findShortfalls(report({ name: 'mine', rankings }))).toEqual([
      expect.stringContaining('hybrid search beside its better leg is 0.7000, at least 0.7010'),
    ]);
  });

  it('judges passages and the confidence of answers', () => {
    const passages = [{ mode: 'hybrid', recall: 0.5, iou: 0.1, characters: 1 }];
    expect(findShortfalls(report({ name: 'chunkspans', passages }))).toHaveLength(1);
    const answers = {
      questions: 1,
      inSources: 1,
      inQuotes: 1,
      supported: 1,
      answered: 1,
      refused: 1,
      noAnswerAuc: 0.9,
    };
    expect(findShortfalls(report({ name: 'xquad/en', answers }))).toHaveLength(1);
  });
});

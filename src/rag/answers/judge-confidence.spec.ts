import { describe, expect, it } from '@jest/globals';
import { DEFAULT_MIN_CONFIDENCE, judgeConfidence } from './judge-confidence.js';

const HITS = [8, 4, 3, 2, 2].map((lexical) => ({ lexical, dense: 0.1 }));

describe('judgeConfidence', () => {
  it('is 0 when nothing was found', () => {
    expect(judgeConfidence({ coverage: 1, hits: [], isLexical: true })).toBe(0);
  });

  it('rises with what the documents hold, with how much one stands out and with how similar it is', () => {
    const base = { coverage: 0.5, hits: HITS, isLexical: true };
    const confidence = judgeConfidence(base);
    expect(judgeConfidence({ ...base, coverage: 0.6 })).toBeGreaterThan(confidence);
    expect(judgeConfidence({ ...base, hits: HITS.map((hit) => ({ ...hit, lexical: 8 })) })).toBeLessThan(confidence);
    expect(judgeConfidence({ ...base, hits: HITS.map((hit) => ({ ...hit, dense: 0.4 })) })).toBeGreaterThan(confidence);
    expect(confidence).toBeGreaterThan(DEFAULT_MIN_CONFIDENCE);
  });

  it('does not depend on the order of the hits, nor on scores that are all alike', () => {
    const facts = { coverage: 0.5, hits: HITS, isLexical: true };
    expect(judgeConfidence({ ...facts, hits: HITS.toReversed() })).toBe(judgeConfidence(facts));
    expect(judgeConfidence({ ...facts, hits: [{ lexical: 0, dense: 0 }] })).toBeCloseTo(0.25);
  });

  it('lets vectors that see meaning find an answer in other words', () => {
    const facts = { coverage: 0, hits: [{ lexical: 0, dense: 0.36 }], isLexical: false };
    expect(judgeConfidence(facts)).toBeGreaterThan(DEFAULT_MIN_CONFIDENCE);
    expect(judgeConfidence({ ...facts, isLexical: true })).toBeLessThan(DEFAULT_MIN_CONFIDENCE);
    expect(judgeConfidence({ ...facts, hits: [{ lexical: 0, dense: 0.2 }] })).toBeLessThan(DEFAULT_MIN_CONFIDENCE);
    expect(judgeConfidence({ coverage: 1, hits: [{ lexical: 9, dense: 5 }], isLexical: false })).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { embedLexically } from '../../../src/providers/adapters/local/embed-lexically.js';
import { hits, measurePairs, type QuestionPair } from './measure-guards.js';
import { readPairs } from './read-pairs.js';
import { renderReport, type SemanticReport } from './render-report.js';
import { findShortfalls } from './semantic-floors.js';

const measure = (pairs: readonly QuestionPair[]): ReturnType<typeof measurePairs> =>
  measurePairs(pairs, (texts) => Promise.resolve(texts.map((text) => embedLexically(text))));

async function report(): Promise<SemanticReport> {
  const heldOut = await measure(readPairs('held-out'));
  return {
    model: 'local/lexical-384',
    paraphrases: await measure(readPairs('paraphrases')),
    traps: await measure(readPairs('traps')),
    heldOut: {
      paraphrases: heldOut.filter(({ kind }) => kind === 'paraphrase'),
      traps: heldOut.filter(({ kind }) => kind === 'trap'),
    },
  };
}

describe('the evaluation of the semantic cache', () => {
  it('has enough pairs, each once', () => {
    for (const set of ['paraphrases', 'traps'] as const) {
      const pairs = readPairs(set).map(({ left, right }) => JSON.stringify([left, right]));
      expect(pairs.length).toBeGreaterThanOrEqual(300);
      expect(new Set(pairs).size).toBe(pairs.length);
    }
  });

  it('answers no trap wrongly, and finds as many paraphrases as it did', async () => {
    expect(findShortfalls(await report())).toEqual([]);
  });

  it('would notice a trap that is answered, and paraphrases that are not found', async () => {
    const measured = await report();
    const [trap] = measured.traps;
    const passed = { kind: 'x', left: 'a', right: 'b', similarity: 0.2, passes: { same: true, free: true } };
    expect(trap?.passes).toEqual({ same: false, free: false });
    expect(findShortfalls({ ...measured, traps: [...measured.traps, passed] })).toHaveLength(2);
    expect(findShortfalls({ ...measured, paraphrases: measured.traps }).length).toBeGreaterThan(0);
  });

  it('shows that similarity alone would answer many traps', async () => {
    const measured = await report();
    expect(hits(measured.traps, 0.95, null).length).toBeGreaterThan(50);
    expect(renderReport(measured)).toContain('| 0.95 |');
  });
});

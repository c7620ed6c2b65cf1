import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { planBatches } from './plan-batches.js';

const textOf = ({ text }: { text: string }): string => text;

describe('planBatches', () => {
  it('keeps every text in its order, 50 and 250,000 bytes at most in a batch', () => {
    const texts = fc.array(fc.record({ text: fc.integer({ min: 0, max: 60_000 }).map((size) => 'é'.repeat(size)) }), {
      maxLength: 130,
    });
    fc.assert(
      fc.property(texts, (items) => {
        const batches = [...planBatches(items, textOf)];
        expect(batches.flat()).toEqual(items);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(50);
          const bytes = batch.reduce((sum, item) => sum + Buffer.byteLength(item.text), 0);
          expect(batch.length === 1 || bytes <= 250_000).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('sends a text that is too large by itself', () => {
    const items = ['a', 'b'.repeat(300_000), 'c'].map((text) => ({ text }));
    expect([...planBatches(items, textOf)].map((batch) => batch.length)).toEqual([1, 1, 1]);
  });

  it('takes texts only as they are needed', () => {
    let taken = 0;
    function* endless(): Generator<{ text: string }> {
      for (;;) {
        taken += 1;
        yield { text: 'x' };
      }
    }
    planBatches(endless(), textOf).next();
    expect(taken).toBe(51);
  });
});

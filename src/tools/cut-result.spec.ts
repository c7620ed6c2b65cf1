import { describe, expect, it } from '@jest/globals';
import { countTokens } from '../tokens/count-tokens.js';
import { cutResult } from './cut-result.js';

describe('cutResult', () => {
  it.each(['short', 'a b c d e f', '', '\u{1f600}'.repeat(10)])('leaves %j as it is', (text) => {
    expect(cutResult(text, 100)).toBe(text);
  });

  it('counts tokens, not letters', () => {
    const text = ' hello'.repeat(90);
    expect(cutResult(text, 100)).toBe(text);
  });

  it.each(['word '.repeat(10_000), '\u{1f600}\u4e2d'.repeat(3_000), '1 '.repeat(50_000)])(
    'cuts what is longer',
    (text) => {
      const cut = cutResult(text, 200);
      const [kept = '', notice] = cut.split('\n[');
      expect(notice).toMatch(/^The result was cut here: it has about \d+ tokens, and 200 are passed on\.\]$/);
      expect(countTokens(kept)).toBeLessThanOrEqual(200);
      expect(countTokens(kept)).toBeGreaterThan(100);
      expect(kept.isWellFormed()).toBe(true);
    },
  );

  it('takes out what no text may hold', () => {
    expect(cutResult('a\0b\ud800c', 100)).toBe('ab\ufffdc');
  });
});

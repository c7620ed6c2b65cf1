import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ArgumentsProgress } from './arguments-progress.js';

function isOver(...pieces: string[]): boolean {
  const progress = new ArgumentsProgress();
  for (const piece of pieces) progress.add(piece);
  return progress.isOver;
}

describe(ArgumentsProgress.name, () => {
  it('is over with the last character of any object, and not before', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (object, seed) => {
        const text = JSON.stringify(object);
        const cut = seed % text.length;
        const pieces = [text.slice(0, cut), text.slice(cut, -1)];
        expect([isOver(...pieces), isOver(...pieces, '}')]).toEqual([false, true]);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['brackets in a string', '{"a":"}"'],
    ['an escaped quote', '{"a":"\\"}"'],
    ['an escape that is cut', '{"a":"\\'],
  ])('is not over with %s', (_what, text) => {
    expect(isOver(text)).toBe(false);
  });

  it('is over with what is no JSON once it is closed', () => {
    expect(isOver('{"a":}')).toBe(true);
  });
});

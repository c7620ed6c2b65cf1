import { describe, expect, it } from '@jest/globals';
import { lexemeDimension, parseTsvector, quoteLexeme, toSparseVector } from './lexeme.js';

describe('lexemes', () => {
  it.each([
    [
      "'line':3 'trunk':2,7,9A",
      [
        ['line', 1],
        ['trunk', 3],
      ],
    ],
    ["'o''brien':1", [["o'brien", 1]]],
    [String.raw`'c:\\x':1,2`, [[String.raw`c:\x`, 2]]],
    [
      "'a' 'b'",
      [
        ['a', 1],
        ['b', 1],
      ],
    ],
    ['', []],
  ])('are read from the tsvector %j', (text, expected) => {
    expect(parseTsvector(text).map((lexeme) => [lexeme.text, lexeme.frequency])).toEqual(expected);
  });

  it.each(["o'brien", String.raw`c:\x`, "''", 'plain', String.raw`\'`])(
    'come back from their quoted form: %j',
    (lexeme) => {
      expect(parseTsvector(quoteLexeme(lexeme)).map(({ text }) => text)).toEqual([lexeme]);
    },
  );

  it('have a dimension that is the same everywhere', () => {
    // The first seven hexadecimal digits of md5('trunk'), plus one.
    expect(lexemeDimension('trunk')).toBe(0x8d0411b + 1);
    expect(lexemeDimension('trunk')).toBeLessThanOrEqual(268_435_456);
  });

  it('become a sparse vector in order, with collisions added up', () => {
    const [first = '', second = ''] = ['line', 'trunk'].sort(
      (left, right) => lexemeDimension(left) - lexemeDimension(right),
    );
    expect(
      toSparseVector([
        [second, 2],
        [first, 1],
        [second, 0.5],
      ]),
    ).toBe(`{${String(lexemeDimension(first))}:1.000000,${String(lexemeDimension(second))}:2.500000}/268435456`);
    expect(toSparseVector([])).toBe('{}/268435456');
  });
});

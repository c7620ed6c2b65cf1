import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { ExactNumber } from '../core/exact-number.js';
import { readArray, readInteger, readNumber, readObject, readString } from './read-parameters.js';

const BIG = new ExactNumber('9007199254740993');
const RANGE = { min: 0, max: 2 ** 63 };

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidRequestError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'taken';
}

describe('a number that keeps its text', () => {
  it('is read as the nearest double', () => {
    expect(readInteger(BIG, 'seed', RANGE)).toBe(2 ** 53);
    expect(readNumber(new ExactNumber('0.70000000000000000001'), 'top_p', RANGE)).toBe(0.7);
  });

  it('is held to limits like any other', () => {
    expect(messageOf(() => readInteger(BIG, 'n', { min: 1, max: 8 }))).toContain('`n` must be between 1 and 8');
    expect(messageOf(() => readNumber(new ExactNumber('1e400'), 'n', RANGE))).toContain('must be between');
    expect(messageOf(() => readInteger(new ExactNumber('1.00000000000000000001e1'), 'n', RANGE))).toBe('taken');
    expect(messageOf(() => readInteger(new ExactNumber('0.10000000000000000001'), 'n', RANGE))).toContain(
      'whole number',
    );
  });

  it('is a number, and neither a text nor an object nor a list', () => {
    for (const read of [readString, readObject, (value: ExactNumber, path: string) => readArray(value, path, 9)]) {
      expect(messageOf(() => read(BIG, 'x'))).toMatch(/^invalid_type: .* not a number\.$/);
    }
  });
});

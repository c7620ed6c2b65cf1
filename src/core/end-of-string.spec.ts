import { describe, expect, it } from '@jest/globals';
import { endOfString } from './end-of-string.js';

describe('the end of a string in JSON text', () => {
  it.each([
    ['"plain", 1', 6],
    ['""', 1],
    [String.raw`"a\"b"x`, 5],
    [String.raw`"a\\"x"`, 4],
    [String.raw`"\\\"\\" "`, 7],
    [String.raw`"\"\"\""`, 7],
  ])('%s', (text, end) => {
    expect(endOfString(text, 0)).toBe(end);
    expect(endOfString(`["", ${text}]`, 5)).toBe(end + 5);
  });

  it.each(['"open', String.raw`"open\"`, '"', String.raw`"\\\"`])('%s has none', (text) => {
    expect(endOfString(text, 0)).toBe(text.length);
  });
});

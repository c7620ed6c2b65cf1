import { describe, expect, it } from '@jest/globals';
import { sanitizeMessage } from './sanitize-message.js';

describe(sanitizeMessage.name, () => {
  it.each<[string, string | null]>([
    [
      "Invalid value: 'foo'. Supported values are: 'a' and 'b'.",
      "Invalid value: 'foo'. Supported values are: 'a' and 'b'.",
    ],
    ['Incorrect API key: sk-proj-abcDEF123456.', 'Incorrect API key: [removed]'],
    ['Got Bearer abc.def and sk-ant-api03-xyz_123456', 'Got [removed] and [removed]'],
    ['See https://internal.example/a?key=1 for help', 'See [removed] for help'],
    ['the credential is my own secret', 'the credential is [removed]'],
    ['Organization org-AbCdEf123456 is off', 'Organization [removed] is off'],
    ['two\nlines\tand\u0000more\u202E', 'two lines and more'],
    ['<!DOCTYPE html><html>', null],
    ['   ', null],
  ])('%j', (message, expected) => {
    expect(sanitizeMessage(message, 'my own secret')).toBe(expected);
  });

  it('is short', () => {
    expect(sanitizeMessage('word '.repeat(1000), null)?.length).toBeLessThanOrEqual(300);
  });
});

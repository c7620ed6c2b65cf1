import { describe, expect, it } from '@jest/globals';
import { splitLines } from './split-lines.js';

async function* inParts(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text as string);
  for (let start = 0; start < bytes.length; start += size)
    yield await Promise.resolve(bytes.subarray(start, start + size));
}

async function lines(text: string | Buffer, { size = 1_000, most = 100 } = {}): Promise<[number, string | null][]> {
  const found: [number, string | null][] = [];
  for await (const { number, bytes } of splitLines(inParts(text, size), most)) {
    found.push([number, bytes?.toString() ?? null]);
  }
  return found;
}

describe('splitLines', () => {
  it.each<[string, string | Buffer, [number, string | null][]]>([
    ['an empty file', '', []],
    ['blank lines only', '\n\r\n  \n\t', []],
    [
      'the last line without an end',
      'a\nb',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'both kinds of ends',
      'a\r\nb\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'blank lines, which count',
      'a\n\n \r\nb',
      [
        [1, 'a'],
        [4, 'b'],
      ],
    ],
    [
      'a mark of UTF-8',
      '\ufeffa\n\ufeffb',
      [
        [1, 'a'],
        [2, '\ufeffb'],
      ],
    ],
    [
      'blanks before a line',
      ' \t a\n\n \r\n  b',
      [
        [1, 'a'],
        [4, 'b'],
      ],
    ],
    ['a mark and nothing', '\ufeff', []],
    [
      'a line of just the limit',
      `${'x'.repeat(100)}\ny`,
      [
        [1, 'x'.repeat(100)],
        [2, 'y'],
      ],
    ],
    [
      'a line that is too long',
      `${'x'.repeat(101)}\ny`,
      [
        [1, null],
        [2, 'y'],
      ],
    ],
    [
      'a last line that is too long',
      `a\n${'x'.repeat(101)}`,
      [
        [1, 'a'],
        [2, null],
      ],
    ],
    [
      'letters of several bytes',
      'ä€😀\n😀',
      [
        [1, 'ä€😀'],
        [2, '😀'],
      ],
    ],
  ])('B01: %s', async (_name, text, expected) => {
    for (const size of [1, 2, 3, 7, 1_000]) expect(await lines(text, { size })).toEqual(expected);
  });
});

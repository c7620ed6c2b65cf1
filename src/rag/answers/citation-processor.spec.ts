import { describe, expect, it } from '@jest/globals';
import { CitationProcessor } from './citation-processor.js';

interface Outcome {
  answer: string;
  pushed: string;
  cited: [number, string][];
}

function run(pieces: readonly string[], sources = 3): Outcome {
  const processor = new CitationProcessor(Array.from({ length: sources }, () => 'A text.'));
  const pushed = pieces.map((piece) => processor.push(piece)).join('') + processor.flush();
  const { answer } = processor;
  return { answer, pushed, cited: processor.markers.map(({ n, start, end }) => [n, answer.slice(start, end)]) };
}

const CASES: [string, string, string, number[]][] = [
  ['a plain marker', 'Paris is the capital [1].', 'Paris is the capital [1].', [1]],
  ['a list', 'So it is [1, 2].', 'So it is [1][2].', [1, 2]],
  ['a range', 'So it is [1-3].', 'So it is [1][2][3].', [1, 2, 3]],
  ['round brackets of another kind', 'So it is\u30102\u3011.', 'So it is[2].', [2]],
  ['a mark with a source name', 'So it is \u30101\u2020source\u3011.', 'So it is [1].', [1]],
  ['a footnote', 'So it is [^2].', 'So it is [2].', [2]],
  ['white space inside', 'So it is [ 1 ; 3 ].', 'So it is [1][3].', [1, 3]],
  ['an unknown number', 'So it is [7].', 'So it is.', []],
  ['an unknown number among known ones', 'So it is [2, 9].', 'So it is [2].', [2]],
  ['number zero', 'So it is [0].', 'So it is.', []],
  ['a marker at the very end', 'So it is [2]', 'So it is [2]', [2]],
  ['markers in a row', 'So [1] [2] it is.', 'So [1] [2] it is.', [1, 2]],
  ['an open bracket at the end', 'It ends [1', 'It ends [1', []],
  ['a year', 'Born [1972] there.', 'Born [1972] there.', []],
  ['words in brackets', 'An [aside] here [1].', 'An [aside] here [1].', [1]],
  ['a link', 'See [1](https://x.test) now.', 'See [1](https://x.test) now.', []],
  ['code in a line', 'Use `list[1]` here [1].', 'Use `list[1]` here [1].', [1]],
  ['a stray tick', 'A ` tick\nand then [1].', 'A ` tick\nand then [1].', [1]],
  ['a fence', 'Look:\n```js\nlist[1] = [2];\n```\nDone [2].', 'Look:\n```js\nlist[1] = [2];\n```\nDone [2].', [2]],
  ['a fence without an end', '```\nx[1]', '```\nx[1]', []],
  ['a fence of tildes', 'Look:\n~~~\nlist[1]\n~~~\nDone [2].', 'Look:\n~~~\nlist[1]\n~~~\nDone [2].', [2]],
  ['a fence in a fence', '````\n```\n[1]\n```\n````\nDone [2].', '````\n```\n[1]\n```\n````\nDone [2].', [2]],
  ['a fence that another opens', '```\n```js [1]\n```\nDone [2].', '```\n```js [1]\n```\nDone [2].', [2]],
  ['ticks and tildes apart', '```\n~~~\n[1]\n```\nDone [2].', '```\n~~~\n[1]\n```\nDone [2].', [2]],
  ['struck out words', 'It is ~~not~~ so [1].', 'It is ~~not~~ so [1].', [1]],
  ['a label', 'So it is [Source 1].', 'So it is [1].', [1]],
  ['labels in a list', 'So it is [Sources 1 and 3; ref. 2].', 'So it is [1][3][2].', [1, 3, 2]],
  ['a label with a colon', 'So it is [citation:2].', 'So it is [2].', [2]],
  ['a place in the source', 'So it is \u30102:0\u2020L3-L5\u3011.', 'So it is [2].', [2]],
  ['wide brackets', 'So it is\uff3b1\uff3d\u3002', 'So it is[1]\u3002', [1]],
  ['a number sign', 'So it is [#1].', 'So it is [1].', [1]],
  ['words that begin like a label', 'So [sourdough 1] it [documented] is.', 'So [sourdough 1] it [documented] is.', []],
  [
    'an index of a list',
    'Here rows[12].name and rows[12] = 3 are set.',
    'Here rows[12].name and rows[12] = 3 are set.',
    [],
  ],
  ['where a link leads', 'See it.\n[1]: https://x.test', 'See it.\n[1]: https://x.test', []],
  ['a colon behind a marker', 'So it is [1]: done.', 'So it is [1]: done.', [1]],
  ['white space at the end', 'So it is [1].  \n', 'So it is [1].  \n', [1]],
];

describe('CitationProcessor', () => {
  it.each(CASES)('handles %s', (_name, text, answer, numbers) => {
    const outcome = run([text]);
    expect(outcome.answer).toBe(answer);
    expect(outcome.cited).toEqual(numbers.map((n) => [n, `[${String(n)}]`]));
  });

  it.each(CASES)('gives the same for every cut of %s', (_name, text) => {
    const whole = run([text]);
    expect(run(Array.from(text))).toEqual(whole);
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 3) {
        const outcome = run([text.slice(0, first), text.slice(first, second), text.slice(second)]);
        expect(outcome).toEqual(whole);
        expect(outcome.pushed).toBe(outcome.answer);
      }
    }
  });

  it.each([
    ['of another source', 'It was built in 1871 by the harbour board[2], and more [1].', [1]],
    ['of the same source', 'It was built in 1871 by the harbour board[1], and more [1].', [1, 1]],
    ['beyond all sources', 'It was built in 1871 by the harbour board[12], and more [1].', [1]],
  ])('takes a number in a quotation for what it is: %s', (_name, text, numbers) => {
    const number = /board(\[\d+\])/.exec(text)?.[1] ?? '';
    const processor = new CitationProcessor([
      `It was built in 1871\nby the harbour board${number}, and more.`,
      'x',
      'y',
    ]);
    processor.push(text);
    processor.flush();
    expect(processor.answer).toBe(text);
    expect(processor.markers.map(({ n }) => n)).toEqual(numbers);
  });

  it('holds back only what may become a marker', () => {
    const processor = new CitationProcessor(['one', 'two']);
    expect(processor.push('It is so [')).toBe('It is so');
    expect(processor.push('1')).toBe('');
    expect(processor.push('] and')).toBe(' [1] and');
  });

  it('takes a hostile answer in its stride', () => {
    const before = process.cpuUsage();
    run(Array.from({ length: 2_000 }, () => '[[[1,1,1,1 `'));
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
  });
});

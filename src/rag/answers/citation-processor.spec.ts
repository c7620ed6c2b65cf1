import { describe, expect, it } from '@jest/globals';
import { CitationProcessor } from './citation-processor.js';

interface Outcome {
  answer: string;
  pushed: string;
  cited: [number, string][];
}

function run(pieces: readonly string[], sources = 3): Outcome {
  const processor = new CitationProcessor(sources);
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

  it('holds back only what may become a marker', () => {
    const processor = new CitationProcessor(2);
    expect(processor.push('It is so [')).toBe('It is so');
    expect(processor.push('1')).toBe('');
    expect(processor.push('] and')).toBe(' [1] and');
  });

  it('takes a hostile answer in its stride', () => {
    const startedAt = performance.now();
    run(Array.from({ length: 2_000 }, () => '[[[1,1,1,1 `'));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

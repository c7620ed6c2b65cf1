import { describe, expect, it } from '@jest/globals';
import { CitationProcessor } from './citation-processor.js';

const PARTS = [
  'text', '. ', ' ', '\n', '\t', '[', ']', '[1]', '[2]', ' [3]', '[1][2]', '[1,2]', '[1, 2]', '[1-3]', '[9]', '[0]', '[999]',
  '[99999999999]', '[^1]', '\u30101\u3011', '\u30102\u2020source\u3011', '\u3010', '\u3011', '[1](http://x)', '[[1]]', '[1', '1]', ',', '-',
  '`', '``', '```', '\n```\n', '`a[1]`', '\u{1F600}', 'e\u0301', '(', ')', '~', '~~~\n', '\n~~~', '> ', '[Source 1]', '[source', ' 2, ref ', 'a[12].b', ' '.repeat(150), '`'.repeat(150), ': ', '[1]: x', '\uff3b2\uff3d', '\u30101:0\u2020x\u3011', 'and ', `[${Array.from({ length: 16 }, (_, n) => String(n + 100)).join(',  ')}]`,
]; // prettier-ignore

describe('an answer in pieces', () => {
  it('is the same however it was cut, and its markers stand where they say', () => {
    const random = randomNumbers(7);
    for (let round = 0; round < 3_000; round += 1) {
      const length = 1 + Math.floor(random() * 12);
      const text = Array.from({ length }, () => PARTS[Math.floor(random() * PARTS.length)]).join('');
      const whole = run([text]);
      for (const pieces of [text.split(''), cut(text, random), cut(text, random)]) {
        expect({ text, ...run(pieces) }).toEqual({ text, ...whole });
      }
      for (const { n, start, end } of whole.markers) expect(whole.answer.slice(start, end)).toBe(`[${String(n)}]`);
    }
  });

  it('stays quick with hostile answers', () => {
    for (const unit of [' ', '`', '~', '[', '[1]', '\u3010', 'a` ', '[1, ', '\t[', '[source ', '\n~~~ [1]']) {
      const before = process.cpuUsage();
      run([unit.repeat(50_000)]);
      run(Array.from({ length: 20_000 }, () => unit));
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(2_000);
    }
  });
});

function run(pieces: readonly string[]): {
  answer: string;
  sent: string;
  markers: readonly { n: number; start: number; end: number }[];
} {
  const processor = new CitationProcessor(['one', 'two', 'three']);
  let sent = '';
  for (const piece of pieces) sent += processor.push(piece);
  sent += processor.flush();
  expect(sent).toBe(processor.answer);
  return { answer: processor.answer, sent, markers: [...processor.markers] };
}

function cut(text: string, random: () => number): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length;) {
    const to = from + 1 + Math.floor(random() * 6);
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

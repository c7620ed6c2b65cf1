import { describe, expect, it } from '@jest/globals';
import { splitSentences } from './split-sentences.js';

function cut(text: string): string[] {
  return splitSentences(text).map((span) => text.slice(span.start, span.end));
}

describe('splitSentences', () => {
  it.each([
    ['plain sentences', 'One is here. Two is there!  Three?', ['One is here.', 'Two is there!', 'Three?']],
    [
      'titles and initials',
      'Dr. Smith met J. K. Rowling. They spoke.',
      ['Dr. Smith met J. K. Rowling.', 'They spoke.'],
    ],
    ['decimal numbers', 'It is 3.5 metres. Long.', ['It is 3.5 metres.', 'Long.']],
    ['wrapped lines', 'One sentence\nover two lines. Next.', ['One sentence\nover two lines.', 'Next.']],
    ['headings and lists', '# Title\nText one.\n- item a\n- item b', ['# Title', 'Text one.', '- item a', '- item b']],
    ['blank lines', 'No full stop\n\nNext part', ['No full stop', 'Next part']],
    [
      'Chinese',
      '\u5317\u4eac\u662f\u9996\u90fd\u3002\u4e0a\u6d77\u4e0d\u662f\u3002',
      ['\u5317\u4eac\u662f\u9996\u90fd\u3002', '\u4e0a\u6d77\u4e0d\u662f\u3002'],
    ],
    ['emphasis that ends a sentence', '**Decided.** It is so.', ['**Decided.', 'It is so.']],
    ['nothing', ' \n\n ', []],
  ])('cuts %s', (_name, text, expected) => {
    expect(cut(text)).toEqual(expected);
  });

  it('stays fast on hostile texts', () => {
    const startedAt = performance.now();
    for (const text of ['# ' + 'a'.repeat(200_000), '\r'.repeat(100_000), '\n'.repeat(100_000), '. '.repeat(50_000)])
      cut(text);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkText, type TextChunk } from './chunk-text.js';

// One token for every four characters is near enough, and fast.
const countTokens = (text: string): number => Math.ceil(text.length / 4);
const SMALL = { maxCharacters: 120, maxTokens: 400, overlap: 0, countTokens };

function expectExact(text: string, chunks: readonly TextChunk[]): void {
  let position = 0;
  for (const chunk of chunks) {
    expect(text.slice(chunk.start, chunk.end)).toBe(chunk.text);
    expect(chunk.start).toBeGreaterThanOrEqual(position);
    expect(text.slice(position, chunk.start).trim()).toBe('');
    expect(chunk.text.trim()).not.toBe('');
    position = chunk.end;
  }
  expect(text.slice(position).trim()).toBe('');
}

const LINE = fc.oneof(
  fc.lorem({ maxCount: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '# Heading',
    '## Part two',
    '```',
    '| a | b |',
    '- item one',
    '1. first',
    '',
    '   ',
    '\u{1F600}'.repeat(90),
    'x'.repeat(300),
  ),
);

describe('chunkText', () => {
  it('cuts any text at exact offsets, in order, with nothing lost and nothing too large', () => {
    fc.assert(
      fc.property(fc.array(LINE, { maxLength: 30 }), fc.constantFrom('\n', '\r\n', '\n\n'), (lines, newline) => {
        const text = lines.join(newline);
        const chunks = [...chunkText(text, SMALL)];
        expectExact(text, chunks);
        for (const chunk of chunks) expect(chunk.text.length).toBeLessThanOrEqual(SMALL.maxCharacters);
      }),
      { numRuns: 300 },
    );
  });

  it('never cuts a surrogate pair', () => {
    for (const chunk of chunkText('\u{1F600}'.repeat(500), SMALL)) expect(chunk.text.isWellFormed()).toBe(true);
  });

  it('counts tokens besides characters', () => {
    const options = { ...SMALL, maxCharacters: 1_600, maxTokens: 40, countTokens: (text: string) => text.length };
    for (const chunk of chunkText('word '.repeat(200), options)) expect(chunk.text.length).toBeLessThanOrEqual(40);
  });

  it('keeps a short section whole and gives it its heading path', () => {
    const text = `# Guide\n\n${'Intro words here. '.repeat(5)}\n\n## Cost\n\n${'It costs 42 dollars. '.repeat(4)}`;
    const chunks = [...chunkText(text, SMALL)];
    expect(chunks.map((chunk) => chunk.headingPath)).toEqual([null, 'Guide']);
    expect(chunks[1]?.text.startsWith('## Cost')).toBe(true);
  });

  it('fills a chunk that is less than half full with the first sentences of what follows', () => {
    const long = 'These words make a sentence. '.repeat(4).trim();
    const [first, second] = chunkText(`Short opening.\n\n${long}\n\n${long}`, SMALL);
    expect(first?.text).toBe(`Short opening.\n\n${'These words make a sentence. '.repeat(3).trim()}`);
    expect(second?.text.startsWith('These words')).toBe(true);
  });

  it('cuts no paragraph that is the last of its section', () => {
    const long = 'These words make a sentence. '.repeat(4).trim();
    const chunks = [...chunkText(`Short opening.\n\n${long}\n\n# Next\n\n${long}`, SMALL)];
    expect(chunks.map(({ text }) => text)).toEqual(['Short opening.', long, '# Next', long]);
  });

  it('does not leave a heading at the end of a chunk', () => {
    const text = `${'A sentence of text. '.repeat(5)}\n\n## Next\n\n${'Another sentence. '.repeat(5)}`;
    for (const chunk of chunkText(text, SMALL)) expect(chunk.text.endsWith('## Next')).toBe(false);
  });

  it('keeps lines of code and tables whole, and reads no headings in code', () => {
    const code = ['```', ...Array.from({ length: 12 }, (_, index) => `# line ${String(index)} of code`), '```'].join(
      '\n',
    );
    for (const chunk of chunkText(code, SMALL)) {
      expect(chunk.headingPath).toBeNull();
      for (const line of chunk.text.split('\n')) expect(line).toMatch(/^(?:```|# line \d+ of code)$/);
    }
  });

  it('repeats whole sentences when it is told to', () => {
    const text = Array.from({ length: 12 }, (_, index) => `This is sentence number ${String(index)}.`).join(' ');
    const chunks = [...chunkText(text, { ...SMALL, overlap: 40 })];
    expect(chunks.length).toBeGreaterThan(2);
    for (const [index, chunk] of chunks.entries()) {
      expect(text.slice(chunk.start, chunk.end)).toBe(chunk.text);
      if (index > 0) expect(chunk.start).toBeLessThan(chunks[index - 1]?.end ?? 0);
      expect(chunk.text.startsWith('This is')).toBe(true);
    }
  });

  it.each([
    ['one endless word', 'a'.repeat(300_000)],
    ['brackets', '[[[['.repeat(50_000)],
    ['empty lines', '\n'.repeat(300_000)],
    ['headings', '# x\n'.repeat(20_000)],
  ])('stays fast on %s', (_name, text) => {
    const startedAt = process.threadCpuUsage().user;
    let chunks = 0;
    for (const chunk of chunkText(text, { ...SMALL, maxCharacters: 1_600 })) chunks += chunk.text.length > 0 ? 1 : 0;
    expect(chunks).toBeGreaterThanOrEqual(text.trim() === '' ? 0 : 1);
    expect((process.threadCpuUsage().user - startedAt) / 1_000).toBeLessThan(5_000);
  });
});

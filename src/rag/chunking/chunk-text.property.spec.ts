import { describe, expect, it } from '@jest/globals';
import { countTokens } from '../../tokens/count-tokens.js';
import { chunkText } from './chunk-text.js';

const PARTS = [
  'word',
  'Sentence one. ',
  'e\u0301te\u0301',
  '\u{1F600}',
  '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
  '\n',
  '\r\n',
  '\n\n',
  '\r\n\r\n',
  '\r',
  ' ',
  '\t',
  '\u00a0',
  '\u2028',
  '\ufeff',
  '# Heading\n',
  '## Sub\r\n',
  '- item\n',
  '1. first\n',
  '| a | b |\n',
  '```\ncode[1]\n```\n',
  '```',
  '\u6f22\u5b57\u3002',
  '\u0e44\u0e17\u0e22',
  'x'.repeat(300),
  '\u{1F680}'.repeat(90),
  ' '.repeat(300),
];

describe('chunks of any text', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'cut exactly, stay within their size and hold every visible character (seed %i)',
    (seed) => {
      const random = randomNumbers(seed + 1);
      for (let round = 0; round < 25; round += 1) {
        const text = Array.from(
          { length: 1 + Math.floor(random() * 60) },
          () => PARTS[Math.floor(random() * PARTS.length)],
        ).join('');
        const overlap = round % 3 === 0 ? 60 : 0;
        const options = { maxCharacters: 200, maxTokens: 60, overlap, countTokens };
        let covered = 0;
        for (const chunk of chunkText(text, options)) {
          expect(chunk.text).toBe(text.slice(chunk.start, chunk.end));
          expect(chunk.text.trim()).not.toBe('');
          expect(chunk.text.isWellFormed()).toBe(true);
          expect(chunk.end - chunk.start).toBeLessThanOrEqual(200);
          expect(countTokens(chunk.text)).toBeLessThanOrEqual(66);
          expect(text.slice(covered, Math.max(covered, chunk.start)).trim()).toBe('');
          expect(chunk.end).toBeGreaterThan(covered);
          covered = chunk.end;
        }
        expect(text.slice(covered).trim()).toBe('');
      }
    },
  );

  it.each([
    ['blank lines', '\n'.repeat(16_000_000)],
    ['one paragraph of many lines', 'some words of a line\n'.repeat(150_000)],
    ['an open fence', `\`\`\`\n${'code();\n'.repeat(400_000)}`],
    ['no spaces', 'a'.repeat(1_000_000)],
    ['one line of words', 'word '.repeat(800_000)],
    ['brackets', '['.repeat(1_000_000)],
    [
      'paragraphs that are cut to fill',
      `${'Short one.\n\n'.repeat(3)}${'Some words of a sentence. '.repeat(60)}\n\n`.repeat(1_000),
    ],
    ['spaces', `a${' '.repeat(15_000_000)}b`],
    ['blank lines in a fence', `\`\`\`\n${'\n'.repeat(12_000_000)}x\n\`\`\``],
    ['lines of spaces', `${' '.repeat(40)}\n`.repeat(100_000)],
  ])('lets others run in between: %s', (_name, text) => {
    const options = { maxCharacters: 1_600, maxTokens: 400, overlap: 0, countTokens };
    countTokens('warm up');
    let longest = 0;
    let since = cpuMs();
    for (const chunk of chunkText(`Start.\n\n${text}\n\nEnd.`, options)) {
      expect(chunk.start).toBeLessThan(chunk.end);
      longest = Math.max(longest, cpuMs() - since);
      since = cpuMs();
    }
    longest = Math.max(longest, cpuMs() - since);
    expect(longest).toBeLessThan(200);
  });
});

// What this thread worked, however busy the machine is with other things.
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

import { describe, expect, it } from '@jest/globals';
import { Repetition } from './repetition.js';
import { Seam } from './seam.js';

/** What is delivered of these texts, and of the end. */
function join(seam: Seam, texts: readonly string[]): string {
  return texts.map((text) => seam.push(text)).join('') + seam.end();
}

function letters(text: string): string[] {
  return Array.from(text);
}

function told(sent: string): Seam {
  const text = sent.trimEnd();
  const space = sent.slice(text.length);
  return new Seam(space, Repetition.ofTold(text, space === ''));
}

describe('white space at a seam', () => {
  it.each<[string, string[], string]>([
    ['', [' brown'], ' brown'],
    [' ', [' brown'], 'brown'],
    [' ', ['brown'], 'brown'],
    [' ', [' ', ' brown'], ' brown'],
    ['\n', ['\n', '\nfox'], '\nfox'],
    ['\n\n', ['\n', 'fox'], 'fox'],
    ['\n\n', [' ', 'fox'], 'fox'],
    [' ', ['\n\n', 'fox'], '\n\nfox'],
    [' ', [' '], ''],
    [' ', [], ''],
    [' ', ['', 'fox', ' and'], 'fox and'],
  ])('%j before %j adds %j', (sent, texts, added) => {
    expect(join(new Seam(sent, null), texts)).toBe(added);
  });
});

const SENT = 'The quick brown fox jumps over the lazy dog and sle';

describe('what a model says again that was told to go on', () => {
  it.each<[string, string, string]>([
    ['nothing', 'eps.', 'eps.'],
    ['the word that was cut in two', 'sleeps.', 'eps.'],
    ['all of it', `${SENT}eps.`, 'eps.'],
    ['all of it, after white space', `\n${SENT}eps.`, 'eps.'],
    ['the end of it', 'over the lazy dog and sleeps.', 'eps.'],
    ['too few words to be sure', 'dog and sleeps.', 'dog and sleeps.'],
    ['something like it', 'The quick brown fox jumps higher.', 'The quick brown fox jumps higher.'],
    ['half of it, and no more', 'The quick brown', 'The quick brown'],
  ])('%s, in one piece and letter by letter', (_name, text, added) => {
    expect(join(told(SENT), [text])).toBe(added);
    expect(join(told(SENT), letters(text))).toBe(added);
  });

  it('may be what the answer does all the time', () => {
    const refrain = 'and the river runs down to the sea, ';
    expect(join(told(`Once ${refrain}${refrain}`), [refrain])).toBe(refrain);
  });

  it('may be another word that only looks like it', () => {
    expect(join(told('a pa'), ['pa.'])).toBe('pa.');
    expect(join(told('Never'), [' Never', ' again.'])).toBe(' Never again.');
    expect(join(told('Never'), ['Never', ' again.'])).toBe(' again.');
  });

  it('is known before the next word, where it can be none', () => {
    const seam = told(SENT);
    expect([seam.push('eps'), seam.push(' well')]).toEqual(['eps', ' well']);
  });
});

describe('a server that takes a beginning for an answer that is over', () => {
  it('may say all of it again', () => {
    expect(join(new Seam('', Repetition.ofPrefilled(SENT)), letters(`${SENT}eps.`))).toBe('eps.');
    expect(join(new Seam('', Repetition.ofPrefilled(SENT)), ['over the lazy dog and sle'])).toBe(
      'over the lazy dog and sle',
    );
    expect(Repetition.ofPrefilled('The')).toBeNull();
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Wording } from '../../../config/gateway-config.js';
import { mayShareAnswer } from './may-share-answer.js';
import { readQuestion } from './read-question.js';

function share(left: string, right: string, wording: Wording = 'same'): boolean {
  return mayShareAnswer(readQuestion(left), readQuestion(right), wording);
}

const PIECES = fc.constantFrom(
  ...[
    'what',
    'is',
    'the',
    'not',
    "France's",
    'Paris',
    'older',
    '5',
    'km',
    '1,000',
    '"a b"',
    '`x`',
    ',',
    '.',
    '?',
    'I',
    '不',
  ],
);
const TEXTS = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(PIECES, { maxLength: 20 }).map((words) => words.join(' ')),
);

describe('mayShareAnswer', () => {
  it.each<[string, string]>([
    ['What is the capital of France?', "please tell me what France's capital is"],
    ['How do I fix a leaking tap?', 'What are the steps to repair a leaking tap?'],
    ['In Python, how do I sort 2 lists?', 'How can I sort two lists in Python?'],
  ])('%j and %j, in the same words', (left, right) => {
    expect(share(left, right)).toBe(true);
  });

  it.each<[string, string]>([
    ['How deep is the ocean?', 'What is the depth of the ocean?'],
    ['Where was Einstein born?', "What is Einstein's birthplace?"],
  ])('%j and %j, where the wording is free', (left, right) => {
    expect([share(left, right), share(left, right, 'free')]).toEqual([false, true]);
  });

  it.each<[string, string, string]>([
    ['a word in its place', 'How do I bake bread?', 'How do I bake cake?'],
    ['a word more', 'How do I delete my account?', 'How do I delete my Google account?'],
    ['the order of the same words', 'Does the dog chase the cat?', 'Does the cat chase the dog?'],
    ['a prefix', 'How do I connect to the server?', 'How do I disconnect from the server?'],
    ['who it is done to', 'Who did Brutus kill?', 'Who killed Brutus?'],
    ['when and where', 'When do we meet the new team?', 'At which place does our new team gather, where is it?'],
    ['a name that is a word', 'What is turkey made of?', 'What is Turkey made of?'],
    ['a fraction that may be thousands', 'What is 1,234 in words?', 'What is 1.234 in words?'],
    ['a version', 'How do I install Python 3.1?', 'How do I install Python 3.10?'],
    ['an exclamation mark that is arithmetic', 'What is 5!?', 'What is 5?'],
    ['the case of a unit', 'Is 5 Mb a lot?', 'Is 5 MB a lot?'],
    ['the case of a unit at its number', 'Is 5mW safe?', 'Is 5MW safe?'],
    ['a power', 'What is 5\u00b2?', 'What is 52?'],
    ['signs at a word', 'What does *args mean here?', 'What does **args mean here?'],
    ['a quoted mark', 'What is "!"', 'What is "?"'],
    ['words that are asked about', 'What is a synonym for big?', 'What is a synonym for large?'],
    ['a text to work on', 'Translate: the big dog', 'Translate: the large dog'],
    ['a text of several lines', 'Fix this\nif a:\n  b\n', 'Fix this\nif a:\n b\n'],
    ['from and to', 'fly to rome from bonn', 'fly from rome to bonn'],
    ['numerals between signs', '\u4e00\u4e5d\u56db\u4e94\u5e74', '\u4e00\u4e5d\u4e94\u56db\u5e74'],
    ['the case of code', 'What does `x.Y` do?', 'What does `x.y` do?'],
    ['a negation between signs', '哪些食物安全？', '哪些食物不安全？'],
    ['an article that is a case', 'Beißt der Hund den Mann?', 'Beißt den Hund der Mann?'],
  ])('keeps questions apart that differ in %s', (_name, left, right) => {
    expect([share(left, right), share(left, right, 'free')]).toEqual([false, false]);
  });

  it('holds for every text and itself, both ways alike, and the wording same is never more than free', () => {
    fc.assert(
      fc.property(TEXTS, TEXTS, (left, right) => {
        expect(share(left, left)).toBe(true);
        for (const wording of ['same', 'free'] as const) {
          expect(share(left, right, wording)).toBe(share(right, left, wording));
        }
        if (share(left, right)) expect(share(left, right, 'free')).toBe(true);
      }),
    );
  });

  it('tells numbers apart wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.nat(1_000_000),
        fc.constantFrom('Is %? ', '% apples', 'the year % in Rome'),
        (one, two, frame) => {
          fc.pre(one !== two);
          expect(share(frame.replace('%', String(one)), frame.replace('%', String(two)), 'free')).toBe(false);
        },
      ),
    );
  });

  it.each([
    "'".repeat(2_000),
    '"'.repeat(2_000),
    "a's ".repeat(500),
    'in a , '.repeat(280),
    'please '.repeat(280),
    '`a'.repeat(1_000),
  ])('reads hostile texts: %#', (text) => {
    expect(share(text, text)).toBe(true);
  });
});

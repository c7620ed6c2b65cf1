import { describe, expect, it } from '@jest/globals';
import { NO_ANSWER_TEXT, saysNoAnswer } from './no-answer-text.js';

describe('saysNoAnswer', () => {
  it.each([
    [NO_ANSWER_TEXT, true],
    [` ${NO_ANSWER_TEXT}\n`, true],
    [`"${NO_ANSWER_TEXT}"`, true],
    [`**${NO_ANSWER_TEXT}**`, true],
    [`${NO_ANSWER_TEXT.slice(0, -1)} [1][2].`, true],
    [NO_ANSWER_TEXT.toUpperCase(), true],
    [`${NO_ANSWER_TEXT} But the capital is Paris [1].`, false],
    ['Paris [1].', false],
    ['', false],
  ])('%j: %s', (answer, expected) => {
    expect(saysNoAnswer(answer)).toBe(expected);
  });
});

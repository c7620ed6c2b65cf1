import { describe, expect, it } from '@jest/globals';
import type { Attempt, AttemptOutcome } from '../../core/attempt.js';
import { tokenUsage, type TokenUsage } from '../../core/chat/token-usage.js';
import { billAttempt, isPlausibleUsage } from './bill-attempt.js';

const estimate = {
  promptTokens: () => 100,
  deliveredTokens: (characters: number) => ({ output: characters / 4, reasoning: 0 }),
};

function attempt(outcome: AttemptOutcome | null, usage: TokenUsage | null, deliveredCharacters: number): Attempt {
  return { outcome, usage, deliveredCharacters } as Attempt;
}

const reported = tokenUsage({ input: 90, cachedInput: 10, output: 20 });
const counted = (output: number): TokenUsage => tokenUsage({ input: 100, output, estimated: true });

describe('billAttempt', () => {
  it.each<[string, Attempt, TokenUsage | null]>([
    ['a success costs what was reported', attempt('succeeded', reported, 80), reported],
    ['F31 a success without usage is counted', attempt('succeeded', null, 80), counted(20)],
    ['F32 absurd usage is counted', attempt('succeeded', tokenUsage({ input: -1 }), 80), counted(20)],
    ['zeros are no usage', attempt('succeeded', tokenUsage(), 80), counted(20)],
    ['F09 a failure without output costs nothing', attempt('failed', null, 0), null],
    ['a failure without output costs nothing, whatever it reported', attempt('failed', reported, 0), null],
    ['F24 a failure after output costs prompt and output', attempt('failed', null, 40), counted(10)],
    [
      'F24 what it reported of its prompt counts',
      attempt('failed', tokenUsage({ input: 7, cachedInput: 93, output: 1 }), 40),
      tokenUsage({ input: 7, cachedInput: 93, output: 10, estimated: true }),
    ],
    ['O13 cancelled before output costs the prompt', attempt('aborted', null, 0), counted(0)],
    ['O13 cancelled after output costs both', attempt('aborted', null, 40), counted(10)],
    ['not settled when the call was over: cancelled', attempt(null, null, 4), counted(1)],
  ])('%s', (_name, given, expected) => {
    expect(billAttempt(given, estimate)).toEqual(expected);
  });
});

describe('isPlausibleUsage', () => {
  it.each<[Partial<TokenUsage>, boolean]>([
    [{ input: 1 }, true],
    [{ output: 1, estimated: true }, true],
    [{}, false],
    [{ input: -1 }, false],
    [{ input: 1.5 }, false],
    [{ input: NaN }, false],
    [{ input: 1e12 }, false],
    [{ input: '7' as unknown as number }, false],
  ])('%j: %s', (usage, expected) => {
    expect(isPlausibleUsage(tokenUsage(usage))).toBe(expected);
  });
});

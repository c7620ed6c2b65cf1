import { describe, expect, it } from '@jest/globals';
import { ProviderError, type ProviderErrorKind, type ProviderErrorOptions } from '../provider-error.js';
import { RetryPolicy, type Situation } from './retry-policy.js';

const policy = new RetryPolicy(() => 0.5);

function situation(
  kind: ProviderErrorKind,
  options: ProviderErrorOptions = {},
  overrides: Partial<Situation> = {},
): Situation {
  return {
    error: new ProviderError(kind, 'failed', options),
    attemptsLeft: 2,
    retriesOfTarget: 0,
    hasOtherCredential: false,
    hasOtherTarget: false,
    waitedMs: 0,
    remainingMs: Infinity,
    ...overrides,
  };
}

const again = (delayMs: number) => ({ type: 'same-target', delayMs });
const failOver = { type: 'fail-over' };
const giveUp = { type: 'give-up' };

describe('RetryPolicy', () => {
  // kind, with another target, its second failure with another target, alone, its second failure alone
  it.each([
    ['unreachable', again(150), failOver, again(150), again(200)],
    ['connect-timeout', failOver, failOver, again(100), giveUp],
    ['timeout', failOver, failOver, giveUp, giveUp],
    ['interrupted', again(150), failOver, again(150), again(200)],
    ['rate-limited', failOver, failOver, again(100), giveUp],
    ['quota-exhausted', failOver, failOver, giveUp, giveUp],
    ['server-error', again(150), failOver, again(150), again(200)],
    ['overloaded', again(150), failOver, again(150), again(200)],
    ['authentication', failOver, failOver, giveUp, giveUp],
    ['permission', failOver, failOver, giveUp, giveUp],
    ['invalid-request', giveUp, giveUp, giveUp, giveUp],
    ['context-length', giveUp, giveUp, giveUp, giveUp],
    ['content-filter', giveUp, giveUp, giveUp, giveUp],
    ['model-not-found', failOver, failOver, giveUp, giveUp],
    ['malformed', failOver, failOver, again(100), giveUp],
    ['too-large', giveUp, giveUp, giveUp, giveUp],
    ['redirect', failOver, failOver, giveUp, giveUp],
    ['aborted', giveUp, giveUp, giveUp, giveUp],
  ] as const)('decides after %s', (kind, first, second, firstAlone, secondAlone) => {
    const other = { hasOtherTarget: true };
    expect(policy.decide(situation(kind, {}, other))).toEqual(first);
    expect(policy.decide(situation(kind, {}, { ...other, retriesOfTarget: 1 }))).toEqual(second);
    expect(policy.decide(situation(kind))).toEqual(firstAlone);
    expect(policy.decide(situation(kind, {}, { retriesOfTarget: 1 }))).toEqual(secondAlone);
  });

  it.each([
    [2_000, true, again(2_000), 'F06: short enough to wait for, though there is another target'],
    [2_501, true, failOver, 'F06: too long with another target'],
    [8_000, false, again(8_000), 'F06: the wait that is left when there is no other'],
    [3_600_000, false, giveUp, 'F07: never slept out'],
    [3_600_000, true, failOver, 'F07'],
    [0, true, failOver, 'F07: a wait of nothing says nothing'],
  ])('waits after a 429 with retry-after %i, another target: %s', (retryAfterMs, hasOtherTarget, expected) => {
    expect(policy.decide(situation('rate-limited', { retryAfterMs }, { hasOtherTarget }))).toEqual(expected);
  });

  it.each<[string, Situation, object]>([
    ['waits 10 s in all', situation('rate-limited', { retryAfterMs: 6_000 }, { waitedMs: 6_000 }), giveUp],
    ['honours the wait of a 503 when alone', situation('overloaded', { retryAfterMs: 5_000 }), again(5_000)],
    [
      'fails over from a 503 that asks to wait',
      situation('overloaded', { retryAfterMs: 5_000 }, { hasOtherTarget: true }),
      failOver,
    ],
    ['never passes the deadline', situation('rate-limited', { retryAfterMs: 2_000 }, { remainingMs: 2_000 }), giveUp],
    ['stops at the deadline', situation('server-error', {}, { remainingMs: 0, hasOtherTarget: true }), giveUp],
    ['stops after the last attempt', situation('server-error', {}, { attemptsLeft: 0, hasOtherTarget: true }), giveUp],
    [
      'keeps the last attempt for another target',
      situation('server-error', {}, { attemptsLeft: 1, hasOtherTarget: true }),
      failOver,
    ],
    [
      'uses the last attempt here when there is no other',
      situation('server-error', {}, { attemptsLeft: 1 }),
      again(150),
    ],
    ['never retries what cannot change', situation('unreachable', { maxRetries: 0 }), giveUp],
    ['retries once where once is enough', situation('unreachable', { maxRetries: 1 }, { retriesOfTarget: 1 }), giveUp],
  ])('%s', (_title, given, expected) => {
    expect(policy.decide(given)).toEqual(expected);
  });

  it.each(['rate-limited', 'authentication', 'permission', 'quota-exhausted'] as const)(
    'tries another key first after %s, but not with the last attempt',
    (kind) => {
      const given = { hasOtherCredential: true, hasOtherTarget: true };
      expect(policy.decide(situation(kind, {}, given))).toEqual({ type: 'other-credential' });
      expect(policy.decide(situation(kind, {}, { ...given, attemptsLeft: 1 }))).toEqual(failOver);
    },
  );
});

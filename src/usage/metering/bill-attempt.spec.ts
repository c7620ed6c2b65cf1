import { describe, expect, it } from '@jest/globals';
import type { Attempt } from '../../core/attempt.js';
import { tokenUsage, type TokenUsage } from '../../core/chat/token-usage.js';
import type { ProviderErrorKind } from '../../providers/provider-error.js';
import { billAttempt, isPlausibleUsage } from './bill-attempt.js';

const estimate = {
  promptTokens: () => 100,
  deliveredTokens: (characters: number) => ({ output: characters / 4, reasoning: 0 }),
};

/** Sent, answered and succeeded, unless it says otherwise. */
function attempt(rest: Partial<Attempt>): Attempt {
  return {
    id: 'att_1',
    provider: 'a',
    model: 'x',
    credential: null,
    startedAt: 0,
    outcome: 'succeeded',
    errorKind: null,
    wasSent: true,
    hasResponded: true,
    durationMs: 1,
    firstContentMs: null,
    usage: null,
    deliveredCharacters: 0,
    ...rest,
  };
}

const reported = tokenUsage({ input: 90, cachedInput: 10, output: 20 });
const counted = (output: number): TokenUsage => tokenUsage({ input: 100, output, estimated: true });

const failed = (errorKind: ProviderErrorKind, rest: Partial<Attempt> = {}): Attempt =>
  attempt({ outcome: 'failed', errorKind, ...rest });
const neverSent = { wasSent: false, hasResponded: false };
const unanswered = { hasResponded: false };
const afterContent = { deliveredCharacters: 40 };
const aborted = (rest: Partial<Attempt> = {}): Attempt =>
  attempt({ outcome: 'aborted', errorKind: 'aborted', ...rest });

describe('billAttempt: the $ column of the fault table', () => {
  it.each<[string, Attempt, TokenUsage | null]>([
    ['F01 connection refused', failed('unreachable', neverSent), null],
    ['F01 closed before it answered', failed('unreachable', unanswered), null],
    ['F02 no such name', failed('unreachable', neverSent), null],
    ['F03 a certificate that is not valid', failed('unreachable', neverSent), null],
    ['F04 never connected', failed('connect-timeout', neverSent), null],
    ['F04 never connected, and another timer was shorter', failed('timeout', neverSent), null],
    ['F05 took the request and never answered', failed('timeout', unanswered), counted(0)],
    ['F06, F07 rate limited', failed('rate-limited'), null],
    ['F08 their money ended', failed('quota-exhausted'), null],
    ['F09 an error of theirs', failed('server-error'), null],
    ['F10, F16, F18, F19, F36, F41, F45 unreadable', failed('malformed'), null],
    ['F11 overloaded', failed('overloaded'), null],
    ['F12 the key was refused', failed('authentication'), null],
    ['F12 the key may not do this', failed('permission'), null],
    ['F13 the request was refused', failed('invalid-request'), null],
    ['F14 the prompt is too long', failed('context-length'), null],
    ['F15 the model is gone', failed('model-not-found'), null],
    ['F17 far too large, nothing of it delivered', failed('too-large'), counted(0)],
    ['F17 far too large, a part delivered', failed('too-large', afterContent), counted(10)],
    ['F20 slow, but in time', attempt({ usage: reported, ...afterContent }), reported],
    ['F21 the head came and no content in time', failed('timeout'), null],
    ['F22, F23 stalled in the middle', failed('timeout', afterContent), counted(10)],
    ['F24, F25, F26 cut before content', failed('interrupted'), null],
    ['F24, F25, F26 cut after content', failed('interrupted', afterContent), counted(10)],
    ['F27, F34 all there', attempt({ usage: reported, ...afterContent }), reported],
    ['F28 malformed lines before content', failed('malformed'), null],
    ['F28 malformed lines after content', failed('malformed', afterContent), counted(10)],
    ['F30 an error frame before content', failed('overloaded'), null],
    ['F30 an error frame after content', failed('overloaded', afterContent), counted(10)],
    ['F31 no usage', attempt(afterContent), counted(10)],
    [
      'F31 no usage, of an answer that went on with what was sent with the prompt',
      attempt({ ...afterContent, addedPromptTokens: 7 }),
      tokenUsage({ input: 107, output: 10, estimated: true }),
    ],
    [
      'F31 no usage but of the prompt',
      attempt({ usage: tokenUsage({ input: 7, cachedInput: 93, estimated: true }), ...afterContent }),
      tokenUsage({ input: 7, cachedInput: 93, output: 10, estimated: true }),
    ],
    ['F32 absurd usage', attempt({ usage: tokenUsage({ input: -1 }), ...afterContent }), counted(10)],
    ['F33 the last of several usages', attempt({ usage: reported, ...afterContent }), reported],
    ['F35 filtered, with a usage', attempt({ usage: tokenUsage({ input: 90 }) }), tokenUsage({ input: 90 })],
    ['F35 refused as content', failed('content-filter'), null],
    ['F37 odd tool calls', attempt({ usage: reported }), reported],
    ['F39 bad compression', failed('malformed'), null],
    ['F40 a redirect', failed('redirect'), null],
  ])('%s', (_name, given, expected) => {
    expect(billAttempt(given, estimate)).toEqual(expected);
  });
});

describe('billAttempt: what else counts', () => {
  it.each<[string, Attempt, TokenUsage | null]>([
    ['zeros are no usage', attempt({ usage: tokenUsage(), ...afterContent }), counted(10)],
    ['a failure without output costs nothing, whatever it reported', failed('server-error', { usage: reported }), null],
    [
      'F24 what it reported of its prompt counts',
      failed('interrupted', { usage: tokenUsage({ input: 7, cachedInput: 93, output: 1 }), ...afterContent }),
      tokenUsage({ input: 7, cachedInput: 93, output: 10, estimated: true }),
    ],
    ['O13 cancelled before there was a connection', aborted(neverSent), null],
    ['O13 cancelled before an answer', aborted(unanswered), counted(0)],
    ['O13 cancelled between head and content', aborted(), counted(0)],
    ['O13 cancelled after output', aborted(afterContent), counted(10)],
    ['not settled when the call was over: cancelled', attempt({ outcome: null, deliveredCharacters: 4 }), counted(1)],
  ])('%s', (_name, given, expected) => {
    expect(billAttempt(given, estimate)).toEqual(expected);
  });
});

describe('billAttempt, where all that was asked for counts', () => {
  it('bills images that were on their way beside those that were reported', () => {
    const asked = tokenUsage({ input: 9, imageOutput: 300, units: { image: 3 } });
    const whole = { ...estimate, countedUsage: () => asked, completedUsage: (usage: TokenUsage) => usage };
    const first = tokenUsage({ input: 10, imageOutput: 100, units: { image: 1 } });
    const broken = failed('interrupted', { usage: first, deliveredCharacters: 2 });
    expect(billAttempt(broken, whole)).toEqual({ ...asked, input: 10, estimated: true });
    expect(billAttempt(attempt({ usage: first }), whole)).toEqual(first);
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

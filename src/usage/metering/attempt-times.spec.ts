import { describe, expect, it } from '@jest/globals';
import type { Attempt } from '../../core/attempt.js';
import { CallContext } from '../../core/call-context.js';
import type { AttemptRecord } from '../ledger/ledger-record.js';
import { markAsides, timesOf } from './attempt-times.js';

function attempt(over: Partial<Attempt> = {}): Attempt {
  return { id: 'att', startedAt: 1_000, durationMs: null, firstContentMs: null, ...over } as Attempt;
}

describe('the times of attempts', () => {
  const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: 1_000 });

  it('are counted from the arrival of the call', () => {
    const times = timesOf(attempt({ startedAt: 1_250.4, durationMs: 90, firstContentMs: 40, purpose: 'hedge' }), call);
    expect(times).toEqual({ offsetMs: 250, durationMs: 90, firstContentMs: 40, purpose: 'hedge', isAside: false });
  });

  it('never begin before it, though the clock was set back', () => {
    expect(timesOf(attempt({ startedAt: 400 }), call)).toMatchObject({ offsetMs: 0, durationMs: 0, purpose: null });
  });

  it('say which attempts were asides, though those were settled before they became it', () => {
    const asking = new CallContext({ id: 'req_2', surface: 'rag', receivedAt: 0 });
    const record = (n: number): AttemptRecord => ({ n, isAside: false }) as AttemptRecord;
    asking.attempts.push(attempt());
    const records = [record(1), record(2)];
    expect(markAsides(records, asking)).toBe(records);
    asking.setAside();
    asking.attempts.push(attempt());
    expect(markAsides(records, asking)).toMatchObject([{ isAside: true }, { isAside: false }]);
  });
});

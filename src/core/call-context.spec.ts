import { describe, expect, it } from '@jest/globals';
import type { Attempt } from './attempt.js';
import { CallContext } from './call-context.js';

describe(CallContext.name, () => {
  it('runs every cleanup once, last first, though one throws', () => {
    const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: 0 });
    const ran: string[] = [];
    call.defer(() => ran.push('settle'));
    call.defer(() => {
      throw new Error('bug');
    });
    call.defer(() => ran.push('close'));
    expect(() => {
      call.finish();
    }).toThrow('bug');
    call.finish();
    call.defer(() => ran.push('late'));
    expect(ran).toEqual(['close', 'settle', 'late']);
  });

  it('tells what was asked on the side from what answers, however late it comes', () => {
    const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: 0 });
    const [aside, answer] = [{} as Attempt, {} as Attempt];
    call.attempts.push(aside);
    expect(call.isAside(aside)).toBe(false);
    call.answeredBy = { provider: 'cheap', model: 'any' };
    call.setAside();
    call.attempts.push(answer);
    expect([call.answeredBy, call.isAside(aside), call.isAside(answer)]).toEqual([null, true, false]);
  });

  it('tells whatever still runs, once everything is cleaned up', () => {
    const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt: 0 });
    const told: string[] = [];
    call.defer(() => told.push(call.signal.aborted ? 'too early' : 'settle'));
    call.signal.addEventListener('abort', () => told.push('over'));
    call.finish();
    call.finish();
    expect(told).toEqual(['settle', 'over']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type LoadSample, OverloadJudge, type Verdict } from './overload-judge.js';

const TERMS = { maxSeats: 100, maxLoopDelayMs: 200, maxMemoryShare: 0.8 };
const IDLE: LoadSample = { lateMs: 0, busyShare: 1, heapShare: 0.1, memoryShare: 0.1, inFlight: 100 };

function judgeAll(judge: OverloadJudge, count: number, sample: Partial<LoadSample>): Verdict {
  let verdict = judge.judge({ ...IDLE, ...sample });
  for (let index = 1; index < count; index++) verdict = judge.judge({ ...IDLE, ...sample });
  return verdict;
}

describe('OverloadJudge', () => {
  it('takes what there is while nothing is amiss', () => {
    expect(judgeAll(new OverloadJudge(TERMS), 100, {})).toEqual({ seats: 100, reason: null });
  });

  it('makes nothing of one long pause', () => {
    const judge = new OverloadJudge(TERMS);
    expect(judgeAll(judge, 2, { lateMs: 5_000 })).toEqual({ seats: 100, reason: null });
    expect(judgeAll(judge, 5, {})).toEqual({ seats: 100, reason: null });
  });

  it('takes fewer step by step while the event loop stays late, of what is really under way', () => {
    const judge = new OverloadJudge(TERMS);
    expect(judgeAll(judge, 3, { lateMs: 201, inFlight: 50 })).toEqual({ seats: 40, reason: 'event-loop' });
    expect(judgeAll(judge, 3, { lateMs: 201, inFlight: 50 })).toEqual({ seats: 32, reason: 'event-loop' });
    expect(judgeAll(judge, 300, { lateMs: 201, inFlight: 0 }).seats).toBe(8);
    const small = new OverloadJudge({ ...TERMS, maxSeats: 3 });
    expect(judgeAll(small, 300, { lateMs: 201, inFlight: 0 })).toEqual({ seats: 3, reason: null });
  });

  it('makes nothing of a machine that works for others', () => {
    const judge = new OverloadJudge(TERMS);
    expect(judgeAll(judge, 20, { lateMs: 1_000, busyShare: 0.2 })).toEqual({ seats: 100, reason: null });
    judgeAll(judge, 300, { lateMs: 1_000 });
    expect(judgeAll(judge, 20, { lateMs: 1_000, busyShare: 0.2 })).toEqual({ seats: 100, reason: null });
  });

  it('takes more again step by step, within ten seconds of ten samples each', () => {
    const judge = new OverloadJudge(TERMS);
    judgeAll(judge, 300, { lateMs: 1_000 });
    // Neither late nor in time: nothing changes.
    expect(judgeAll(judge, 20, { lateMs: 150 })).toEqual({ seats: 8, reason: 'event-loop' });
    expect(judgeAll(judge, 1, {})).toEqual({ seats: 13, reason: 'event-loop' });
    expect(judgeAll(judge, 19, {})).toEqual({ seats: 100, reason: null });
  });

  it.each(['heap', 'memory'] as const)('takes none while the %s is full, until there is room to spare', (kind) => {
    const judge = new OverloadJudge(TERMS);
    const share = kind === 'heap' ? 'heapShare' : 'memoryShare';
    expect(judge.judge({ ...IDLE, [share]: 0.79 })).toEqual({ seats: 100, reason: null });
    expect(judge.judge({ ...IDLE, [share]: 0.8 })).toEqual({ seats: 0, reason: kind });
    expect(judge.judge({ ...IDLE, [share]: 0.73 })).toEqual({ seats: 0, reason: kind });
    expect(judge.judge({ ...IDLE, [share]: 0.71 })).toEqual({ seats: 100, reason: null });
    expect(judge.judge({ ...IDLE, [share]: 0.79 })).toEqual({ seats: 100, reason: null });
  });

  it('takes one at a time when memory stays full though nobody is under way', () => {
    const judge = new OverloadJudge(TERMS);
    const full = { memoryShare: 0.9 };
    expect(judgeAll(judge, 100, full).seats).toBe(0);
    expect(judgeAll(judge, 99, { ...full, inFlight: 0 }).seats).toBe(0);
    expect(judgeAll(judge, 1, { ...full, inFlight: 0 })).toEqual({ seats: 1, reason: 'memory' });
    expect(judgeAll(judge, 9, { ...full, inFlight: 1 }).seats).toBe(1);
    expect(judgeAll(judge, 1, {}).seats).toBe(100);
    expect(judgeAll(judge, 1, full).seats).toBe(0);
  });

  it('asks for nothing that is turned off', () => {
    const judge = new OverloadJudge({ maxSeats: Infinity, maxLoopDelayMs: 0, maxMemoryShare: 0 });
    expect(judge.isAsked).toBe(false);
    expect(judgeAll(judge, 9, { lateMs: 9_000, heapShare: 1, memoryShare: 1 })).toEqual({
      seats: Infinity,
      reason: null,
    });
  });

  it('takes less also where there is no limit', () => {
    const judge = new OverloadJudge({ ...TERMS, maxSeats: Infinity });
    expect(judgeAll(judge, 3, { lateMs: 300 })).toEqual({ seats: 80, reason: 'event-loop' });
    expect(judgeAll(judge, 1, {})).toEqual({ seats: Infinity, reason: null });
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { SeatGate } from '../../admission/seat-gate.js';
import { AppError } from '../../core/errors/app-error.js';
import { JobPostponement } from '../../jobs/job.js';
import { JobInterruption } from '../../jobs/job-interruption.js';
import { BatchRun, type RunParts } from './batch-run.js';
import type { LineOutcome, TakenLine } from './line-outcome.js';
import { LineSlots } from './line-slots.js';
import type { LineEnd } from './line-worker.js';

/** No request is in need of anything. */
const QUIET = { relief: () => null } as unknown as SeatGate;

type Answer = (line: TakenLine) => Promise<LineEnd>;

const done = ({ ordinal }: TakenLine): LineEnd => ({
  outcome: { ordinal, isSuccess: true, result: '{}', usage: null, costUsd: null },
  wait: null,
});

describe('BatchRun', () => {
  let clock: FakeClock;
  let abort: AbortController;
  let left: number[];
  let settled: number[];
  let released: number[];

  beforeEach(() => {
    clock = new FakeClock();
    abort = new AbortController();
    left = [0, 1, 2, 3, 4, 5];
    settled = [];
    released = [];
  });

  const desk = {
    take: (): Promise<TakenLine | null> => {
      const ordinal = left.shift();
      return Promise.resolve(
        ordinal === undefined ? null : { ordinal, customId: String(ordinal), url: '/v1/messages', body: '{}' },
      );
    },
    settle: ({ ordinal }: LineOutcome): Promise<void> => {
      settled.push(ordinal);
      return Promise.resolve();
    },
    release: (ordinal: number): Promise<void> => {
      released.push(ordinal);
      return Promise.resolve();
    },
  };

  function run(answer: Answer, { expiresInMs = Infinity, isOthersTurn = false } = {}): Promise<'expired' | null> {
    const lanes = 2;
    const config = { concurrency: lanes, keptDays: 1, fileLimitBytes: 1, storageLimitBytes: 1 };
    const slots = new LineSlots(config, QUIET);
    const parts = { desk, worker: { answer }, slots, clock, lanes, batchId: 'batch_1', signal: abort.signal };
    const expiresAtMs = clock.now() + expiresInMs;
    const all = { ...parts, expiresAtMs } as unknown as RunParts;
    return new BatchRun(all, () => Promise.resolve(isOthersTurn)).run();
  }

  it('works until nothing is left', async () => {
    expect(await run((line) => Promise.resolve(done(line)))).toBeNull();
    expect(settled.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each(['rate_limit_exceeded', 'insufficient_quota'] as const)(
    'gives back what %s keeps from being asked, ends what is under way, and waits as long as it has to',
    async (code) => {
      const refusal = new AppError(code, 'Not now.', { retryAfterMs: 7_000 });
      const answer: Answer = (line) =>
        Promise.resolve(line.ordinal === 2 ? { outcome: null, wait: refusal } : done(line));
      const ended = run(answer, { expiresInMs: 60_000 });
      await expect(ended).rejects.toThrow(JobPostponement);
      await expect(ended).rejects.toMatchObject({ code, delayMs: 7_000 });
      expect(released).toEqual([2]);
      expect(settled).not.toContain(2);
      expect(settled.length + released.length + left.length).toBe(6);
    },
  );

  it('waits no longer than until its window is over', async () => {
    const refusal = new AppError('insufficient_quota', 'Not now.');
    const ended = run(() => Promise.resolve({ outcome: null, wait: refusal }), { expiresInMs: 60_000 });
    await expect(ended).rejects.toMatchObject({ delayMs: 60_000 });
  });

  it('goes on with fewer lanes where a key may have only so many requests at once', async () => {
    let underWay = 0;
    const answer: Answer = async (line) => {
      if (underWay >= 1) return { outcome: null, wait: new AppError('concurrency_limit', 'Not now.') };
      underWay += 1;
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return done(line);
    };
    expect(await run(answer)).toBeNull();
    expect(released).toEqual([1]);
    expect(settled).toEqual([0, 2, 3, 4, 5]);
  });

  it('begins nothing after its window', async () => {
    const answer: Answer = async (line) => {
      if (line.ordinal >= 2) await clock.advance(1_000);
      return done(line);
    };
    expect(await run(answer, { expiresInMs: 1_000 })).toBe('expired');
    expect(settled.length + left.length).toBe(6);
    expect(left.length).toBeGreaterThan(0);
  });

  it('gives back what it was interrupted at', async () => {
    const reason = new JobInterruption('shutting-down');
    const answer: Answer = (line) => {
      if (line.ordinal < 2) return Promise.resolve(done(line));
      abort.abort(reason);
      return Promise.reject(reason);
    };
    await expect(run(answer)).rejects.toBe(reason);
    expect(released).toContain(2);
    expect([...settled, ...released, ...left].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('rejects with what keeps a result from being known, when the others ended', async () => {
    const failure = new AppError('dependency_unavailable', 'Away.');
    const answer: Answer = (line) => (line.ordinal === 1 ? Promise.reject(failure) : Promise.resolve(done(line)));
    await expect(run(answer)).rejects.toBe(failure);
    expect(released).toContain(1);
    expect([...settled, ...released, ...left].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('leaves no timer when it is over, whoever is asked at that moment', async () => {
    const answer: Answer = async (line) => {
      if (line.ordinal === 5) await clock.advance(60_000);
      return done(line);
    };
    expect(await run(answer)).toBeNull();
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('makes room for other batches after a while', async () => {
    left = Array.from({ length: 50 }, (_, ordinal) => ordinal);
    const answer: Answer = async (line) => {
      if (line.ordinal === 2) await clock.advance(60_000);
      else await new Promise((resolve) => setImmediate(resolve));
      return done(line);
    };
    await expect(run(answer, { isOthersTurn: true })).rejects.toMatchObject({ code: 'batch_turn', delayMs: 0 });
    expect(settled.length + released.length + left.length).toBe(50);
    expect(left.length).toBeGreaterThan(0);
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { JobInterruption } from '../../jobs/job-interruption.js';
import type { Exchange } from '../store/line-store.js';
import { LineDesk } from './line-desk.js';
import type { LineOutcome, TakenLine } from './line-outcome.js';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function outcome(ordinal: number): LineOutcome {
  return { ordinal, isSuccess: true, result: '{}', usage: null, costUsd: null };
}

/** Lines in memory, as the database has them. */
class Lines {
  readonly visits: Exchange[] = [];
  readonly done: number[] = [];
  failures: Error[] = [];

  constructor(
    public suspects: number[],
    public others: number[],
  ) {}

  readonly visit = async (exchange: Exchange): Promise<{ taken: TakenLine[]; done: number }> => {
    await settled();
    this.visits.push(exchange);
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.done.push(...exchange.settled.map(({ ordinal }) => ordinal));
    this.others.unshift(...exchange.released);
    const source = exchange.onlySuspects ? this.suspects : [...this.suspects.splice(0), ...this.others.splice(0)];
    const taken = source
      .splice(0, exchange.wanted)
      .map((ordinal): TakenLine => ({ ordinal, customId: String(ordinal), url: '/v1/messages', body: '{}' }));
    if (!exchange.onlySuspects) this.others.push(...source);
    return { taken, done: this.done.length };
  };
}

describe('LineDesk', () => {
  let clock: FakeClock;
  let counts: number[];

  beforeEach(() => {
    clock = new FakeClock();
    counts = [];
  });

  function open(lines: Lines): LineDesk {
    return new LineDesk(lines.visit, clock, { suspects: lines.suspects.length, onDone: (done) => counts.push(done) });
  }

  it('does together what is asked for during a visit', async () => {
    const lines = new Lines([], [0, 1, 2, 3]);
    const desk = open(lines);
    const taken = await Promise.all([desk.take(), desk.take(), desk.take()]);
    expect(taken.map((line) => line?.ordinal)).toEqual([0, 1, 2]);
    await Promise.all([desk.settle(outcome(0)), desk.settle(outcome(1)), desk.release(2), desk.take()]);
    expect(lines.visits).toHaveLength(4);
    expect(lines.visits[3]).toMatchObject({ released: [2], wanted: 1, settled: [{ ordinal: 1 }] });
    expect(counts.at(-1)).toBe(2);
  });

  it('says when there is none left', async () => {
    const desk = open(new Lines([], [0]));
    expect((await Promise.all([desk.take(), desk.take()])).map((line) => line?.ordinal)).toEqual([0, undefined]);
  });

  it('O18 hands out what may kill alone, and the others when all of it came through', async () => {
    const lines = new Lines([5, 6], [7, 8]);
    const desk = open(lines);
    const taken: number[] = [];
    const take = (): Promise<void> =>
      desk.take().then((line) => {
        if (line) taken.push(line.ordinal);
      });
    const all = [take(), take(), take(), take()];
    await settled();
    await settled();
    await settled();
    expect(taken).toEqual([5]);
    await desk.settle(outcome(5));
    await settled();
    expect(taken).toEqual([5, 6]);
    await desk.settle(outcome(6));
    await Promise.all(all);
    expect(taken).toEqual([5, 6, 7, 8]);
  });

  it('keeps a result while the database is away for a moment', async () => {
    const lines = new Lines([], [0]);
    const desk = open(lines);
    await desk.take();
    lines.failures = [new Error('away'), new Error('away')];
    const settling = desk.settle(outcome(0));
    for (let tries = 0; tries < 10; tries += 1) {
      await settled();
      await clock.advance(2_000);
    }
    await settling;
    expect(lines.done).toEqual([0]);
  });

  it('O16 stops at once when the job is somebody else’s', async () => {
    const lines = new Lines([], [0]);
    const desk = open(lines);
    await desk.take();
    lines.failures = [new JobInterruption('taken-over')];
    await expect(desk.settle(outcome(0))).rejects.toThrow('taken over');
    expect(lines.visits).toHaveLength(2);
  });
});

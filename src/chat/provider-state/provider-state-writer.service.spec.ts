import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../core/errors/app-error.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { ProviderStateStore, StateRow } from './provider-state-store.js';
import { ProviderStateWriter } from './provider-state-writer.service.js';

const AWAY = new AppError('dependency_unavailable', 'Away.');

function row(callId: string, text = ''): StateRow {
  return { projectId: 'p1', callId, state: { name: text, thoughts: [] } };
}

function setUp(): {
  writer: ProviderStateWriter;
  clock: FakeClock;
  saved: string[][];
  failures: Error[];
  cleanups: () => number;
} {
  const clock = new FakeClock();
  const saved: string[][] = [];
  const failures: Error[] = [];
  let cleanups = 0;
  const store = {
    save: (rows: StateRow[]) => {
      const failure = failures.shift();
      if (failure) return Promise.reject(failure);
      saved.push(rows.map(({ callId, state }) => callId + state.name));
      return Promise.resolve();
    },
    deleteExpired: () => {
      cleanups += 1;
      return Promise.reject(AWAY);
    },
  };
  const writer = new ProviderStateWriter(store as unknown as ProviderStateStore, clock);
  return { writer, clock, saved, failures, cleanups: () => cleanups };
}

describe(ProviderStateWriter.name, () => {
  it('writes what came together at once, the last of each call', async () => {
    const { writer, clock, saved } = setUp();
    for (const each of [row('a', '1'), row('b'), row('a', '2'), row('nul\0')]) writer.write(each);
    expect(saved).toEqual([]);
    await clock.advance(20);
    expect(saved).toEqual([['a2', 'b']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('O01: writes later what it could not write, and never again what was refused', async () => {
    const { writer, clock, saved, failures } = setUp();
    failures.push(AWAY);
    writer.write(row('a'));
    await clock.advance(20);
    writer.write(row('b'));
    await clock.advance(1_000);
    expect(saved).toEqual([['a', 'b']]);
    failures.push(new Error('refused'));
    writer.write(row('c'));
    await clock.advance(60_000);
    expect(saved).toHaveLength(1);
  });

  it('keeps only so many while the database is away', async () => {
    const { writer, clock, saved, failures } = setUp();
    failures.push(AWAY);
    for (let n = 0; n < 3_000; n += 1) writer.write(row(String(n)));
    await clock.advance(2_000);
    expect(saved.flat()).toHaveLength(2_000);
  });

  it('writes the rest and stops cleaning when the process ends', async () => {
    const { writer, clock, saved, cleanups } = setUp();
    writer.onApplicationBootstrap();
    await clock.advance(600_000);
    await clock.advance(600_000);
    expect(cleanups()).toBe(2);
    writer.write(row('a'));
    await writer.beforeApplicationShutdown();
    expect(saved).toEqual([['a']]);
    expect(clock.pendingTimers).toBe(0);
  });
});

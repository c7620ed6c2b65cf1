import { beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { AppError } from '../../core/errors/app-error.js';
import type { LedgerRecord } from './ledger-record.js';
import { LedgerStore } from './ledger-store.js';
import { LedgerWriter } from './ledger-writer.service.js';

class FakeStore extends LedgerStore {
  readonly batches: string[][] = [];
  /** What the coming writes fail with, in order; null lets one pass. */
  failures: unknown[] = [];
  /** Ids that the database will never take. */
  readonly poison = new Set<string>();

  constructor() {
    super({} as DataSource);
  }

  override async insert(records: readonly LedgerRecord[]): Promise<void> {
    const failure = this.failures.shift();
    if (failure) throw failure as Error;
    if (records.some(({ id }) => this.poison.has(id))) throw Object.assign(new Error('foreign key'), { code: '23503' });
    this.batches.push(records.map(({ id }) => id));
  }
}

const away = new AppError('dependency_unavailable', 'away');
const conflict = Object.assign(new Error('deadlock'), { code: '40P01' });
const record = (id: string): LedgerRecord => ({ id, requestId: id }) as LedgerRecord;

let store: FakeStore;
let clock: FakeClock;
let writer: LedgerWriter;

beforeEach(() => {
  Logger.overrideLogger(false);
  store = new FakeStore();
  clock = new FakeClock();
  writer = new LedgerWriter(store, clock);
});

describe('LedgerWriter', () => {
  it('writes what gathers within 100 ms in one batch', async () => {
    writer.record(record('a'));
    writer.record(record('b'));
    expect(store.batches).toEqual([]);
    await clock.advance(100);
    expect(store.batches).toEqual([['a', 'b']]);
    writer.record(record('c'));
    await clock.advance(100);
    expect(store.batches).toEqual([['a', 'b'], ['c']]);
  });

  it('writes at once when somebody waits', async () => {
    writer.record(record('a'));
    await writer.flush();
    expect(store.batches).toEqual([['a']]);
    await clock.advance(1_000);
    expect(store.batches).toHaveLength(1);
    await writer.flush();
  });

  it('keeps batches small', async () => {
    for (let index = 0; index < 450; index += 1) writer.record(record(String(index)));
    await writer.flush();
    expect(store.batches.map((batch) => batch.length)).toEqual([200, 200, 50]);
  });

  it('O05 runs a transaction again that lost a conflict', async () => {
    store.failures = [conflict, conflict];
    writer.record(record('a'));
    await writer.flush();
    expect(store.batches).toEqual([['a']]);
  });

  it('O01 keeps records while the database is away and writes them when it is back', async () => {
    store.failures = [away, away, away];
    writer.record(record('a'));
    await expect(writer.flush()).rejects.toBe(away);
    writer.record(record('b'));
    await clock.advance(250);
    expect(writer.waiting).toBe(2);
    await clock.advance(2_000);
    expect(store.batches).toEqual([['a', 'b']]);
    expect(writer.waiting).toBe(0);
  });

  it('drops the one record that can never be written, and no other', async () => {
    store.poison.add('b');
    for (const id of ['a', 'b', 'c']) writer.record(record(id));
    await writer.flush();
    expect(store.batches).toEqual([['a'], ['c']]);
    expect(writer.waiting).toBe(0);
  });

  it('is bounded when the database stays away', () => {
    for (let index = 0; index < 50_010; index += 1) writer.record(record(String(index)));
    expect(writer.waiting).toBe(50_000);
  });

  it('writes everything before the process ends', async () => {
    store.failures = [away];
    writer.record(record('a'));
    const closing = writer.beforeApplicationShutdown();
    await clock.advance(1_000);
    await closing;
    expect(store.batches).toEqual([['a']]);
    writer.record(record('b'));
    await writer.onApplicationShutdown();
    expect(store.batches).toEqual([['a'], ['b']]);
  });

  it('lets the process end when the database does not come back', async () => {
    store.failures = Array<unknown>(100).fill(away);
    writer.record(record('a'));
    const closing = writer.beforeApplicationShutdown();
    await clock.advance(10_000);
    await closing;
    expect(writer.waiting).toBe(1);
  });
});

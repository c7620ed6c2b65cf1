import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ledgerOpening, ledgerRecord } from '../../../test/support/ledger-parts.js';
import type { DatabaseConfig } from '../../config/database-config.js';
import { AppError } from '../../core/errors/app-error.js';
import { NeededDependencies } from '../../core/needed-dependencies.js';
import type { InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import { DeadLetters } from './dead-letters.js';
import { type LedgerEntry, parseLine } from './ledger-entry.js';
import { LedgerStore } from './ledger-store.js';
import { LedgerWriter } from './ledger-writer.service.js';
import { WriteAheadLog } from './write-ahead-log.js';

class FakeStore extends LedgerStore {
  readonly batches: string[][] = [];
  readonly opened: string[][] = [];
  /** What the coming writes fail with, in order; null lets one pass. */
  failures: unknown[] = [];
  isAway = false;
  /** Takes what comes and never answers. */
  isHanging = false;
  /** Ids that the database will never take. */
  readonly poison = new Set<string>();

  constructor() {
    super({} as DataSource);
  }

  override settle(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#write(entries, this.batches);
  }

  override open(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#write(entries, this.opened);
  }

  override ping(): Promise<void> {
    return this.isAway ? Promise.reject(away) : Promise.resolve();
  }

  async #write(entries: readonly LedgerEntry[], batches: string[][]): Promise<void> {
    // A database answers later, not at once.
    await Promise.resolve();
    if (this.isHanging) await new Promise(() => undefined);
    const failure = this.isAway ? away : this.failures.shift();
    if (failure) throw failure as Error;
    if (entries.some(({ id }) => this.poison.has(id))) throw Object.assign(new Error('foreign key'), { code: '23503' });
    batches.push(entries.map(({ id }) => id));
  }
}

const away = new AppError('dependency_unavailable', 'away');
const conflict = Object.assign(new Error('deadlock'), { code: '40P01' });

let dataDir: string;
let store: FakeStore;
let clock: FakeClock;
let log: WriteAheadLog;
let writer: LedgerWriter;

beforeEach(() => {
  Logger.overrideLogger(false);
  dataDir = mkdtempSync(join(tmpdir(), 'trunkline-ledger-'));
  const config = { dataDir } as DatabaseConfig;
  store = new FakeStore();
  clock = new FakeClock();
  log = new WriteAheadLog(config, { instanceId: 'inst_A' } as InstanceHeartbeatService, new NeededDependencies());
  writer = new LedgerWriter(store, log, new DeadLetters(config), clock);
});

afterEach(() => {
  log.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const record = (id: string): void => {
  writer.record(ledgerRecord(id));
};
const open = (id: string): void => {
  writer.open(ledgerOpening(id));
};
const files = (): string[] => readdirSync(join(dataDir, 'ledger'));
const fileLines = (name: string): (string | undefined)[] =>
  readFileSync(join(dataDir, 'ledger', name), 'utf8')
    .split('\n')
    .map((line) => parseLine(line)?.id)
    .filter((id) => id !== undefined);

describe('LedgerWriter', () => {
  it('writes what gathers within 100 ms in one batch', async () => {
    record('a');
    record('b');
    expect(store.batches).toEqual([]);
    await clock.advance(100);
    expect(store.batches).toEqual([['a', 'b']]);
    record('c');
    await clock.advance(100);
    expect(store.batches).toEqual([['a', 'b'], ['c']]);
  });

  it('writes at once when somebody waits, and what came while it wrote', async () => {
    record('a');
    const first = writer.flush();
    record('b');
    await first;
    expect(store.batches.flat()).toContain('a');
    await writer.flush();
    expect(store.batches.flat()).toEqual(['a', 'b']);
    await clock.advance(1_000);
    await writer.flush();
    expect(store.batches.flat()).toEqual(['a', 'b']);
  });

  it('keeps batches small', async () => {
    for (let index = 0; index < 450; index += 1) record(String(index));
    await writer.flush();
    expect(store.batches.map((batch) => batch.length)).toEqual([200, 200, 50]);
  });

  it('has everything in the file before anything is in the database', () => {
    open('a');
    record('a');
    open('b');
    expect(fileLines(files()[0] ?? '')).toEqual(['a', 'a', 'b']);
    expect(store.batches).toEqual([]);
  });

  it('gives a row only to a request that outlives the interval, and the last of its openings', async () => {
    open('short');
    record('short');
    open('long');
    open('long');
    await clock.advance(40);
    open('young');
    await clock.advance(20);
    record('young');
    expect(store.opened).toEqual([['long']]);
    await clock.advance(500);
    open('long');
    await clock.advance(100);
    expect(store.opened).toEqual([['long'], ['long']]);
    expect(store.batches).toEqual([['short'], ['young']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('O05 runs a transaction again that lost a conflict', async () => {
    store.failures = [conflict, conflict];
    record('a');
    await writer.flush();
    expect(store.batches).toEqual([['a']]);
  });

  it('O01 refuses new requests while the database is away, keeps how the others end, and goes on when it is back', async () => {
    store.isAway = true;
    open('a');
    record('a');
    await expect(writer.flush()).rejects.toBe(away);
    // One failure may be a connection that broke.
    open('b');
    await clock.advance(1_000);
    expect(() => {
      open('c');
    }).toThrow(expect.objectContaining({ code: 'dependency_unavailable', retryAfterMs: 1_000 }));
    record('b');
    await clock.advance(30_000);
    store.isAway = false;
    await clock.advance(1_000);
    expect(store.batches).toEqual([['a', 'b']]);
    expect(writer.isSettled).toBe(true);
    open('c');
  });

  it('finds out that the database is back though nothing waits for it', async () => {
    store.isAway = true;
    open('a');
    await clock.advance(5_000);
    expect(() => {
      open('b');
    }).toThrow('The database is not available');
    store.isAway = false;
    await clock.advance(1_000);
    open('b');
    expect(store.opened).toEqual([['a']]);
  });

  it('refuses new requests while a connection hangs, and does not wait for its answer for ever', async () => {
    store.isHanging = true;
    open('a');
    record('a');
    await clock.advance(9_000);
    open('b');
    await clock.advance(2_000);
    expect(() => {
      open('c');
    }).toThrow(expect.objectContaining({ code: 'dependency_unavailable' }));
    store.isHanging = false;
    record('b');
    await clock.advance(30_000);
    expect(store.batches).toEqual([['a', 'b']]);
    open('c');
  });

  it('keeps aside the one entry that can never be written, and loses no other', async () => {
    store.poison.add('b');
    for (const id of ['a', 'b', 'c']) record(id);
    await writer.flush();
    expect(store.batches).toEqual([['a'], ['c']]);
    expect(writer.isSettled).toBe(true);
    expect(fileLines('rejected.jsonl')).toEqual(['b']);
  });

  it('keeps what thousands of requests cost in the file, not in memory, and writes each once', async () => {
    store.isAway = true;
    const ids = Array.from({ length: 12_000 }, (_, index) => String(index));
    for (const id of ids) record(id);
    expect(files().length).toBeGreaterThan(1);
    store.isAway = false;
    const flushed = writer.flush();
    // What ends meanwhile stands behind them.
    record('late');
    await flushed;
    await writer.flush();
    expect(store.batches.flat()).toEqual([...ids, 'late']);
    expect(writer.isSettled).toBe(true);
    await writer.onApplicationShutdown();
    expect(files()).toEqual([]);
  });

  it('goes on when somebody removed the file under it', async () => {
    store.isAway = true;
    for (let index = 0; index < 6_000; index += 1) record(String(index));
    rmSync(join(dataDir, 'ledger'), { recursive: true });
    store.isAway = false;
    await writer.flush();
    expect(store.batches.flat()).toHaveLength(5_000);
    record('next');
    await writer.flush();
    expect(store.batches.at(-1)).toEqual(['next']);
  });

  it('refuses new requests while the disk is full, and still bills those under way', async () => {
    open('a');
    const append = jest.spyOn(log, 'append').mockImplementation(() => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    expect(() => {
      open('b');
    }).toThrow(expect.objectContaining({ code: 'dependency_unavailable' }));
    record('a');
    append.mockRestore();
    open('c');
    record('c');
    await writer.flush();
    expect(store.batches).toEqual([['a', 'c']]);
    await writer.onApplicationShutdown();
    expect(files()).toEqual([]);
  });

  it('writes everything before the process ends, and leaves no file', async () => {
    store.failures = [away];
    record('a');
    const closing = writer.beforeApplicationShutdown();
    await clock.advance(1_000);
    await closing;
    expect(store.batches).toEqual([['a']]);
    record('b');
    await writer.onApplicationShutdown();
    expect(store.batches).toEqual([['a'], ['b']]);
    expect(files()).toEqual([]);
  });

  it('lets the process end when the database does not come back, and keeps the file', async () => {
    store.isAway = true;
    record('a');
    const closing = writer.onApplicationShutdown();
    await clock.advance(10_000);
    await closing;
    expect(writer.isSettled).toBe(false);
    expect(fileLines(files()[0] ?? '')).toEqual(['a']);
  });

  it('lets the process end when the database hangs, and keeps the file', async () => {
    store.isHanging = true;
    record('a');
    const closing = writer.onApplicationShutdown();
    await clock.advance(11_000);
    await closing;
    expect(fileLines(files()[0] ?? '')).toEqual(['a']);
  });
});

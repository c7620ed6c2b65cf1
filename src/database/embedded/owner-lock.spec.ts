import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOwner, type LockRecord, OwnerLock } from './owner-lock.js';
import { processStart } from './process-identity.js';

describe('OwnerLock', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'));
    path = join(directory, 'deep', 'embedded.lock');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function leave(record: Partial<LockRecord> | string, ageMs = 0): void {
    OwnerLock.acquire(path, '/tmp/unused').release();
    const whole = { pid: process.pid, host: hostname(), start: processStart(process.pid), socketDirectory: '/tmp/old' };
    writeFileSync(path, typeof record === 'string' ? record : JSON.stringify({ ...whole, ...record }));
    const time = new Date(Date.now() - ageMs);
    utimesSync(path, time, time);
  }

  const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

  it('names its owner and the socket, and is gone after the release', () => {
    const lock = OwnerLock.acquire(path, '/tmp/socket');
    expect(findOwner(path)).toMatchObject({ pid: process.pid, host: hostname(), socketDirectory: '/tmp/socket' });
    lock.release();
    expect(findOwner(path)).toBeNull();
    expect(existsSync(path)).toBe(false);
  });

  it('refuses a second owner and says who the first is and what to do', () => {
    const lock = OwnerLock.acquire(path, '/tmp/socket');
    expect(() => OwnerLock.acquire(path, '/tmp/other')).toThrow(
      expect.objectContaining({
        name: 'DatabaseStartError',
        reason: 'owned-elsewhere',
        message: expect.stringMatching(new RegExp(`process ${String(process.pid)} .*TRUNKLINE_DATA_DIR.*DATABASE_URL`)),
      }),
    );
    lock.release();
  });

  it.each<[string, () => Partial<LockRecord>, number]>([
    ['of a process that is dead', () => ({ pid: deadPid() }), 0],
    ['of an earlier process with the same number', () => ({ start: 'another boot:1' }), 0],
    ['of another host that has been silent', () => ({ host: 'elsewhere' }), 60_000],
  ])('takes over the lock %s', (_, record, ageMs) => {
    leave(record(), ageMs);
    expect(findOwner(path)).toBeNull();
    const taken: LockRecord[] = [];
    const lock = OwnerLock.acquire(path, '/tmp/new', (old) => taken.push(old));
    expect(taken).toMatchObject([{ socketDirectory: '/tmp/old' }]);
    expect(findOwner(path)?.socketDirectory).toBe('/tmp/new');
    expect(readdirSync(join(directory, 'deep'))).toEqual(['embedded.lock']);
    lock.release();
  });

  it.each<[string, Partial<LockRecord> | string]>([
    ['of another host that was alive just now', { host: 'elsewhere', pid: 1 }],
    ['of a living process whose start is unknown', { start: null }],
    ['that is being written', ''],
  ])('leaves the lock %s alone', (_, record) => {
    leave(record);
    const before = readFileSync(path, 'utf8');
    expect(() => OwnerLock.acquire(path, '/tmp/new')).toThrow(expect.objectContaining({ reason: 'owned-elsewhere' }));
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('takes over a file that nobody finished writing', () => {
    leave('{"pid":', 10_000);
    OwnerLock.acquire(path, '/tmp/new').release();
    expect(existsSync(path)).toBe(false);
  });

  it('does not remove a lock that somebody else took over', () => {
    const lock = OwnerLock.acquire(path, '/tmp/mine');
    leaveForeign();
    lock.release();
    expect(existsSync(path)).toBe(true);

    function leaveForeign(): void {
      writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', start: null, socketDirectory: '/tmp/theirs' }));
    }
  });
});

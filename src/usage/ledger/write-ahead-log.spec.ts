import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseConfig } from '../../config/database-config.js';
import { NeededDependencies } from '../../core/needed-dependencies.js';
import type { InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import { describeOwner, isOwnerRunning } from './log-owner.js';
import { readLines } from './read-segment.js';
import { parseSegmentName, segmentName } from './segment-name.js';
import { WriteAheadLog } from './write-ahead-log.js';

const INSTANCE = 'inst_A';
/** A line that fills a segment. */
const LARGE = `${'x'.repeat(5 * 1024 ** 2)}\n`;

let dataDir: string;
let log: WriteAheadLog;
let needs: NeededDependencies;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'trunkline-log-'));
  needs = new NeededDependencies();
  log = new WriteAheadLog({ dataDir } as DatabaseConfig, { instanceId: INSTANCE } as InstanceHeartbeatService, needs);
});

afterEach(() => {
  log.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const files = (): string[] => readdirSync(join(dataDir, 'ledger')).sort();
const pathOf = (sequence: number): string => join(dataDir, 'ledger', segmentName(INSTANCE, sequence));
const linesOf = async (path: string): Promise<string[]> => (await readLines(path, 0)).map(({ text }) => text);

describe('WriteAheadLog', () => {
  it('has every line in its file as soon as it is appended, for its owner alone', async () => {
    log.onModuleInit();
    log.append('{"a":1}\n');
    log.append('{"ä":"€"}\n');
    expect((await linesOf(pathOf(1))).slice(1)).toEqual(['{"a":1}', '{"ä":"€"}']);
    expect(statSync(pathOf(1)).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'ledger')).mode & 0o777).toBe(0o700);
    expect(log.end).toMatchObject({ offset: statSync(pathOf(1)).size });
  });

  it('O09 finds out by itself whether its file is there and can be written', () => {
    log.onModuleInit();
    const isUp = (): boolean | undefined => needs.states()[0]?.[1];
    expect(isUp()).toBe(true);
    rmSync(join(dataDir, 'ledger'), { recursive: true });
    writeFileSync(join(dataDir, 'ledger'), 'in its place');
    expect([isUp(), isUp()]).toEqual([false, false]);
    rmSync(join(dataDir, 'ledger'));
    expect(isUp()).toBe(true);
    log.append('{}\n');
    expect(files()).toHaveLength(1);
  });

  it('begins another file when one is full, and removes what nobody waits for', () => {
    const first = log.append(LARGE);
    const second = log.append(LARGE);
    const third = log.append('{}\n');
    expect(files()).toHaveLength(3);
    expect(log.after(first)).toBe(second);
    log.release(second);
    expect(files()).toEqual([1, 3].map((sequence) => segmentName(INSTANCE, sequence)));
    expect(log.after(first)).toBe(third);
    // The one that is written to stays.
    log.release(third);
    expect(files()).toHaveLength(2);
    log.release(first);
    log.close();
    expect(files()).toEqual([]);
  });

  it('leaves what is pending for the next start', () => {
    log.append('{}\n');
    log.close();
    expect(files()).toEqual([segmentName(INSTANCE, 1)]);
  });

  it('says at the start that it cannot write', () => {
    writeFileSync(join(dataDir, 'ledger'), 'a file');
    expect(() => {
      log.onModuleInit();
    }).toThrow(/The data directory .* cannot be used/);
    expect(() => log.append('{}\n')).toThrow();
  });
});

describe('readLines', () => {
  it('goes on from a byte, takes long lines whole, and leaves what a crash tore', async () => {
    const path = join(dataDir, 'file');
    const long = 'ä'.repeat(400_000);
    writeFileSync(path, `first\n${long}\nlast\n{"torn":`);
    const [first, ...others] = await readLines(path, 0);
    expect(first).toEqual({ text: 'first', endsAt: 6 });
    expect(others).toEqual([]);
    const [second] = await readLines(path, 6);
    expect(second?.text).toBe(long);
    const rest = await readLines(path, second?.endsAt ?? 0);
    expect(rest.map(({ text }) => text)).toEqual(['last']);
    expect(await readLines(path, rest.at(-1)?.endsAt ?? 0)).toEqual([]);
    appendFileSync(path, '1}\n');
    expect((await readLines(path, rest.at(-1)?.endsAt ?? 0)).map(({ text }) => text)).toEqual(['{"torn":1}']);
  });
});

describe('the owner of a file', () => {
  it('runs, does not run, or cannot be told', () => {
    const line = describeOwner(INSTANCE);
    const owner = JSON.parse(line) as object;
    expect(isOwnerRunning(line)).toBe(true);
    expect(isOwnerRunning(JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }))).toBe(false);
    // The number was given to another process.
    expect(isOwnerRunning(JSON.stringify({ ...owner, start: 'earlier' }))).toBe(false);
    expect(isOwnerRunning(JSON.stringify({ ...owner, host: 'elsewhere' }))).toBeNull();
    expect(isOwnerRunning(JSON.stringify({ ...owner, space: 'another container' }))).toBeNull();
    expect(isOwnerRunning('{"inst')).toBeNull();
  });

  it('is in its name', () => {
    expect(parseSegmentName(segmentName(INSTANCE, 12))).toEqual({ instanceId: INSTANCE, sequence: 12 });
    expect(parseSegmentName('rejected.jsonl')).toBeNull();
  });
});

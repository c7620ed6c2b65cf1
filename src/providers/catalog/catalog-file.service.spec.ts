import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { catalogEntry } from '../../../test/support/catalog-entry.js';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { CatalogConfig } from '../../config/catalog-config.js';
import { CatalogFile } from './catalog-file.service.js';

let directory: string;
let config: CatalogConfig;
let clock: FakeClock;
let changes = 0;

beforeEach(() => {
  Logger.overrideLogger(false);
  directory = mkdtempSync(join(tmpdir(), 'trunkline-catalog-'));
  config = { file: join(directory, 'catalog.json'), isNamed: false, copy: join(directory, 'data', 'copy.json') };
  clock = new FakeClock();
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function write(input: number | null): void {
  const entry = catalogEntry({ vendor: 'openai', model: 'gpt-4o', prices: { input: input ?? -1, output: 9 } });
  writeFileSync(config.file, JSON.stringify({ models: [entry] }));
  // Two writes may fall into one tick of the file system's clock.
  changes += 1;
  utimesSync(config.file, changes, changes);
}

function open(): { file: CatalogFile; price: () => number | undefined } {
  const file = new CatalogFile(config, clock);
  file.onApplicationBootstrap();
  return { file, price: () => file.catalog.find('openai', 'gpt-4o')?.prices?.input };
}

describe(CatalogFile.name, () => {
  it('serves the built-in catalogue without a file', () => {
    const { file, price } = open();
    expect([price(), file.status.source, file.status.problems]).toEqual([2.5, 'built-in', []]);
  });

  it('says when a named file is not there', () => {
    config = { file: config.file, copy: config.copy, isNamed: true };
    const { file } = open();
    expect([file.status.source, file.status.problems]).toEqual(['built-in', ['the file is not there']]);
  });

  it('takes a file at the start, and a changed one within five seconds', async () => {
    write(3);
    const { file, price } = open();
    expect([price(), file.status.source]).toEqual([3, 'file']);
    write(4);
    await clock.advance(4_999);
    expect(price()).toBe(3);
    await clock.advance(1);
    expect(price()).toBe(4);
    write(5);
    await clock.advance(5_000);
    expect(price()).toBe(5);
    file.onApplicationShutdown();
    write(6);
    await clock.advance(10_000);
    expect(price()).toBe(5);
  });

  it('takes a file that comes later, and keeps it when it goes or turns wrong', async () => {
    const { file, price } = open();
    write(3);
    await clock.advance(5_000);
    expect(price()).toBe(3);
    write(null);
    await clock.advance(5_000);
    expect(price()).toBe(3);
    expect(file.status).toMatchObject({ source: 'file', problems: [expect.stringContaining('must be >= 0')] });
    rmSync(config.file);
    await clock.advance(5_000);
    expect(price()).toBe(3);
    expect(file.status.problems).toEqual(['the file is not there']);
    write(4);
    await clock.advance(5_000);
    expect([price(), file.status.problems]).toEqual([4, []]);
  });

  it('starts with the last good one when the file is wrong', () => {
    write(3);
    open();
    write(null);
    const { file, price } = open();
    expect([price(), file.status.source, file.status.problems.length]).toEqual([3, 'last-good', 1]);
  });

  it('starts with the built-in one when the copy is wrong too', () => {
    write(3);
    open();
    write(null);
    writeFileSync(config.copy, '{');
    const { file, price } = open();
    expect([price(), file.status.source]).toEqual([2.5, 'built-in']);
  });

  it('knows what runs here whatever the file says', () => {
    write(3);
    expect(open().file.catalog.find('local', 'extractive')?.prices).toEqual({ input: 0, output: 0 });
  });

  it('works where no copy can be kept', () => {
    writeFileSync(join(directory, 'data'), 'not a directory');
    write(3);
    expect(open().price()).toBe(3);
  });
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findEmbeddedOwner } from './embedded-database.js';
import { assertSameMajor, EMBEDDED_MAJOR } from './files-version.js';
import { filesIn, finishReplacement, replaceFiles } from './replace-files.js';

describe('the files of an embedded database', () => {
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'trunkline-files-'));
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });

  function fill(directory: string, version: string): void {
    mkdirSync(filesIn(directory), { recursive: true });
    writeFileSync(join(filesIn(directory), 'PG_VERSION'), `${version}\n`);
  }

  const made = (): string => readFileSync(join(filesIn(dataDir), 'PG_VERSION'), 'utf8').trim();
  const make = (version: string) => (draft: string) => {
    fill(draft, version);
    return Promise.resolve();
  };

  it('are replaced when the others are whole, and kept beside them', async () => {
    expect(await replaceFiles(dataDir, make('new'))).toBeNull();
    const aside = await replaceFiles(dataDir, make('newer'));
    expect([made(), aside]).toEqual(['newer', `${filesIn(dataDir)}.replaced-1`]);
    expect(await replaceFiles(dataDir, make('newest'))).toBe(`${filesIn(dataDir)}.replaced-2`);
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.replaced-1', 'postgres.replaced-2']);
  });

  it('stay as they are when the others cannot be made', async () => {
    fill(dataDir, 'old');
    const broken = (draft: string): Promise<void> => {
      fill(draft, 'half');
      return Promise.reject(new Error('The disk is full.'));
    };
    await expect(replaceFiles(dataDir, broken)).rejects.toThrow('The disk is full.');
    expect(made()).toBe('old');
    expect(readdirSync(dataDir)).toEqual(['postgres']);
  });

  it('are never missing, wherever the process dies', async () => {
    // Between the two renames.
    await replaceFiles(dataDir, make('new'));
    renameSync(filesIn(dataDir), `${filesIn(dataDir)}.restored`);
    finishReplacement(dataDir);
    expect(made()).toBe('new');
    // Before the first one.
    fill(join(dataDir, 'draft'), 'newer');
    renameSync(filesIn(join(dataDir, 'draft')), `${filesIn(dataDir)}.restored`);
    expect(finishReplacement(dataDir)).toBe(`${filesIn(dataDir)}.replaced-1`);
    expect([made(), finishReplacement(dataDir)]).toEqual(['newer', null]);
    // Before the others were whole.
    fill(join(dataDir, 'restoring'), 'half');
    expect([finishReplacement(dataDir), made()]).toEqual([null, 'newer']);
    expect(existsSync(join(dataDir, 'restoring'))).toBe(false);
  });

  it('are not replaced while somebody has them', async () => {
    await replaceFiles(dataDir, async () => {
      await expect(replaceFiles(dataDir, make('x'))).rejects.toMatchObject({ reason: 'owned-elsewhere' });
      // Whoever would go through the owner must not land in some other database.
      expect(() => findEmbeddedOwner(dataDir)).toThrow(/are being replaced by process/);
      fill(join(dataDir, 'restoring'), 'mine');
    });
    expect([made(), existsSync(join(dataDir, 'embedded.lock'))]).toEqual(['mine', false]);
  });

  it('are refused with what to do when another major version of PostgreSQL made them', () => {
    expect(() => {
      assertSameMajor(filesIn(dataDir));
    }).not.toThrow();
    fill(dataDir, EMBEDDED_MAJOR);
    expect(() => {
      assertSameMajor(filesIn(dataDir));
    }).not.toThrow();
    for (const other of ['17', '19']) {
      fill(dataDir, other);
      expect(() => {
        assertSameMajor(filesIn(dataDir));
      }).toThrow(
        expect.objectContaining({
          reason: 'other-major',
          message: expect.stringMatching(/backup -- FILE.*restore -- FILE/),
        }),
      );
    }
  });
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openBackup, writeBackup } from './backup-file.js';
import type { Contents, DataSet, Piece } from './data-set.js';

const CONTENTS: Contents = {
  ...{ version: '1.0.0', createdAt: '2026-01-02T03:04:05Z', migrations: ['a'], queueVersion: null },
  ...{ tables: [{ space: 'main', name: 't', columns: ['a', 'b'], rows: 3, digest: '1' }], sequences: [] },
};
const ODD = ['a\nb\r\n\t"\\', '\u2028\u{1F426}\uFFFD', '{NULL,"null"}', '', '\\x00ff'];
const PIECES: Piece[] = [
  { table: 0, rows: ODD.map((text) => [text, null]) },
  { table: 0, rows: [['x'.repeat(3_000_000), 'NULL']] },
];

describe('the file of a backup', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-backup-'));
    file = join(directory, 'today.backup');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const data = (pieces: () => AsyncIterable<Piece> = whole): DataSet => ({ contents: CONTENTS, pieces });

  async function* whole(): AsyncIterable<Piece> {
    yield* PIECES;
  }

  it('holds what was written into it, for its owner alone', async () => {
    await writeBackup(file, data());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { contents, pieces } = await openBackup(file);
    expect(contents).toEqual(CONTENTS);
    const found: Piece[] = [];
    for await (const piece of pieces()) found.push(piece);
    expect(found).toEqual(PIECES);
  });

  it('is not there when something fails on the way, and what is there is not touched', async () => {
    const broken = async function* (): AsyncIterable<Piece> {
      yield* whole();
      await Promise.reject(new Error('The server went away.'));
    };
    await expect(writeBackup(file, data(broken))).rejects.toThrow(/today\.backup: The server went away/);
    await expect(writeBackup(join(directory, 'no', 'where'), data())).rejects.toThrow(/ENOENT/);
    expect(readdirSync(directory)).toEqual([]);
    // Another one is at work, or was cut off.
    writeFileSync(`${file}.part`, 'half');
    await expect(writeBackup(file, data())).rejects.toThrow(/\.part exists: .*Remove it/);
    writeFileSync(file, 'old');
    await expect(writeBackup(file, data())).rejects.toThrow(/exists already/);
    expect([readFileSync(file, 'utf8'), readFileSync(`${file}.part`, 'utf8')]).toEqual(['old', 'half']);
  });

  it('is refused when it is cut off, damaged, of a newer format, or something else', async () => {
    await writeBackup(file, data());
    const bytes = readFileSync(file);
    const lines = gunzipSync(bytes).toString('utf8').split('\n');
    const withHead = (head: object): Buffer => gzipSync([JSON.stringify(head), ...lines.slice(1)].join('\n'));
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(bytes.length - 200) ^ 0xff, bytes.length - 200);
    const refused: [Buffer, RegExp][] = [
      [bytes.subarray(0, -9), /cannot be read/],
      [damaged, /cannot be read/],
      [gzipSync(lines.slice(0, -2).join('\n') + '\n'), /ends too soon/],
      [withHead({ format: 'trunkline-backup', formatVersion: 2 }), /newer version/],
      [withHead({ format: 'other' }), /no backup/],
      [Buffer.from('no gzip'), /cannot be read/],
      [Buffer.alloc(0), /cannot be read|ends too soon/],
    ];
    for (const [index, [content, message]] of refused.entries()) {
      const other = join(directory, String(index));
      writeFileSync(other, content);
      await expect(openBackup(other)).rejects.toThrow(message);
    }
    await expect(openBackup(join(directory, 'none'))).rejects.toThrow(/There is no file/);
    expect(existsSync(file)).toBe(true);
  });
});

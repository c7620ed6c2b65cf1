import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SecretBox } from './secret-box.js';

const SECRET = 'x'.repeat(32);

describe('SecretBox', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-secret-'));
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('opens what it sealed, in its place and under its secret only', async () => {
    const box = new SecretBox({ secret: SECRET, file: null, previous: null });
    const sealed = await box.seal('{"a":"hidden"}', 'tool/1');
    expect(await new SecretBox({ secret: SECRET, file: null, previous: null }).open(sealed, 'tool/1')).toBe(
      '{"a":"hidden"}',
    );
    expect(sealed.toString('latin1')).not.toContain('hidden');
    await expect(box.open(sealed, 'tool/2')).rejects.toThrow();
    await expect(
      new SecretBox({ secret: `${SECRET}y`, file: null, previous: null }).open(sealed, 'tool/1'),
    ).rejects.toThrow();
    sealed[20] = (sealed[20] ?? 0) ^ 1;
    await expect(box.open(sealed, 'tool/1')).rejects.toThrow();
  });

  it('seals the same text differently each time', async () => {
    const box = new SecretBox({ secret: SECRET, file: null, previous: null });
    expect((await box.seal('a', 'b')).equals(await box.seal('a', 'b'))).toBe(false);
  });

  it('says what to do when there is no secret', async () => {
    const box = new SecretBox({ secret: null, file: null, previous: null });
    await expect(box.seal('a', 'b')).rejects.toMatchObject({
      code: 'invalid_state',
      message: expect.stringMatching(/TRUNKLINE_SECRET/),
    });
  });

  it('makes one for its owner alone where it may, once', async () => {
    const file = join(directory, 'data', 'secret');
    const sealed = await new SecretBox({ secret: null, previous: null, file }).seal('a', 'b');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const made = readFileSync(file, 'utf8');
    expect(await new SecretBox({ secret: null, previous: null, file }).open(sealed, 'b')).toBe('a');
    expect(readFileSync(file, 'utf8')).toBe(made);
  });

  it('makes no other in place of one that is broken', async () => {
    const file = join(directory, 'broken');
    writeFileSync(file, 'short');
    await expect(new SecretBox({ secret: null, previous: null, file }).seal('a', 'b')).rejects.toThrow(/too short/);
    expect(readFileSync(file, 'utf8')).toBe('short');
  });
});

import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { makeWav } from '../../test/support/make-wav.js';
import { SystemClock } from '../core/clock.js';
import { keepInFile } from './audio-file.js';
import { measureAudio } from './measure-audio.js';

const namesLeft = (): string[] => readdirSync(tmpdir()).filter((name) => /^trunkline-[\da-f-]{36}$/.test(name));

function pieces(...sizes: number[]): Readable {
  return Readable.from(sizes.map((size, index) => Buffer.alloc(size, index)));
}

describe(keepInFile.name, () => {
  it('can be read as often as needed, also side by side and after a reader that left', async () => {
    const file = await keepInFile(pieces(70_000, 0, 70_000), 200_000);
    expect(namesLeft()).toEqual([]);
    const left = file.open();
    for await (const _piece of left) break;
    left.destroy();
    const [one, two] = await Promise.all([buffer(file.open()), buffer(file.open())]);
    expect(one).toHaveLength(140_000);
    expect(one.equals(Buffer.concat([Buffer.alloc(70_000, 0), Buffer.alloc(70_000, 2)]))).toBe(true);
    expect(two.equals(one)).toBe(true);
    file.close();
  });

  it.each([
    ['a byte too many', () => pieces(60, 41), 'file_too_large'],
    ['nothing', () => pieces(0), 'empty_file'],
  ])('refuses %s, and leaves nothing', async (_name, stream, code) => {
    await expect(keepInFile(stream(), 100)).rejects.toMatchObject({ code });
    expect(namesLeft()).toEqual([]);
  });

  it.each(['ENOSPC', 'EDQUOT'])('says that the disk is full: %s', async (code) => {
    const full = Readable.from(
      (async function* () {
        yield await Promise.resolve(Buffer.alloc(10));
        throw Object.assign(new Error('write'), { code });
      })(),
    );
    await expect(keepInFile(full, 100)).rejects.toMatchObject({ code: 'storage_full', category: 'server' });
    expect(namesLeft()).toEqual([]);
  });

  it('takes a file of exactly the limit', async () => {
    const file = await keepInFile(pieces(60, 40), 100);
    expect(file.sizeBytes).toBe(100);
    file.close();
  });
});

describe(measureAudio.name, () => {
  const measure = (bytes: Buffer, mediaType: string): Promise<number | null> => {
    const open = (): Readable => Readable.from([bytes], { objectMode: false });
    return measureAudio({ name: 'a.wav', mediaType, sizeBytes: bytes.length, open }, new SystemClock());
  };

  it('tells the length', async () => {
    expect(await measure(makeWav(2.5), 'audio/wav')).toBe(2.5);
  });

  it('believes no file that claims more in a second than its kind of sound ever has', async () => {
    // Frames of 32 kbit/s, after one that says that there is no more than one of them.
    const frame = Buffer.concat([Buffer.from('fffb1000', 'hex'), Buffer.alloc(100)]);
    const lying = Buffer.concat([frame, ...Array.from({ length: 5_000 }, () => frame)]);
    lying.write('Xing', 36);
    lying.writeUInt32BE(3, 40);
    lying.writeUInt32BE(1, 44);
    lying.writeUInt32BE(lying.length, 48);
    expect(await measure(lying, 'audio/mpeg')).toBe(lying.length / 64_000);
  });

  it.each([
    ['text', Buffer.from('no sound at all'), 'audio/wav'],
    ['a type that nobody knows', Buffer.alloc(100), 'x/y'],
    ['an end in the middle of the head', makeWav(1).subarray(0, 20), 'audio/wav'],
  ])('knows nothing of %s', async (_name, bytes, mediaType) => {
    expect(await measure(bytes, mediaType)).toBeNull();
  });
});

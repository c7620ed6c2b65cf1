import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openValue, sealValue } from './seal-value.js';

const secret = randomBytes(32);
const MUCH = 1_000_000;

describe('a sealed value', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['little', Buffer.from('The godwit')],
    ['much', Buffer.from('The godwit flies south. '.repeat(1_000))],
    ['what cannot be compressed', randomBytes(5_000)],
  ])('comes back to the byte: %s', async (_name, value) => {
    const sealed = await sealValue(value, secret);
    expect(sealed.includes('godwit')).toBe(false);
    expect(await openValue(sealed, secret, MUCH)).toEqual(value);
    expect((await sealValue(value, secret)).equals(sealed)).toBe(false);
  });

  it('is compressed when that pays', async () => {
    expect((await sealValue(Buffer.alloc(100_000, 'a'), secret)).length).toBeLessThan(1_000);
  });

  it('opens with its secret only, whole only, and never to more than is wanted', async () => {
    const sealed = await sealValue(Buffer.alloc(100_000, 'a'), secret);
    expect(await openValue(sealed, randomBytes(32), MUCH)).toBeNull();
    for (const length of [0, 5, 20, sealed.length - 1]) {
      expect(await openValue(sealed.subarray(0, length), secret, MUCH)).toBeNull();
    }
    const changed = Buffer.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(await openValue(changed, secret, MUCH)).toBeNull();
    expect(await openValue(sealed, secret, 99_999)).toBeNull();
    expect(await openValue(sealed, secret, 100_000)).toHaveLength(100_000);
  });
});

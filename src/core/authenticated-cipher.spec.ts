import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { decrypt, encrypt } from './authenticated-cipher.js';

const secret = randomBytes(32);
const plain = Buffer.from('The godwit flies south.');

describe('encrypt and decrypt', () => {
  it('give the bytes again, and show nothing of them', () => {
    for (const bytes of [plain, Buffer.alloc(0)]) {
      const encrypted = encrypt(bytes, secret, 'here');
      expect(decrypt(encrypted, secret, 'here')).toEqual(bytes);
      expect(encrypt(bytes, secret, 'here').equals(encrypted)).toBe(false);
    }
    expect(encrypt(plain, secret).includes('godwit')).toBe(false);
  });

  it('take no other secret, no other place, and no byte changed or missing', () => {
    const encrypted = encrypt(plain, secret, 'here');
    expect(() => decrypt(encrypted, randomBytes(32), 'here')).toThrow();
    expect(() => decrypt(encrypted, secret, 'there')).toThrow();
    expect(() => decrypt(encrypted, secret)).toThrow();
    for (let index = 0; index < encrypted.length; index += 1) {
      const changed = Buffer.from(encrypted);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => decrypt(changed, secret, 'here')).toThrow();
      expect(() => decrypt(encrypted.subarray(0, index), secret, 'here')).toThrow();
    }
  });
});

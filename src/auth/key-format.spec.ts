import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { digestKey, issueKey, readKey } from './key-format.js';

const { id, key } = issueKey();

function flipCase(text: string): string {
  return text.replace(/[a-zA-Z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

function changed(position: number): string {
  const other = key.charAt(position) === '2' ? '3' : '2';
  return key.slice(0, position) + other + key.slice(position + 1);
}

describe('issueKey', () => {
  it('makes a key of the documented shape that carries its id', () => {
    expect(key).toMatch(/^tl_[0-9A-Z]{24}_[0-9A-Za-z]{32}[0-9A-Za-z]{6}$/);
    expect(key.slice(3, 27)).toBe(id.slice('key_'.length));
  });

  it('never makes the same secret twice', () => {
    const secrets = new Set(Array.from({ length: 500 }, () => issueKey().key.slice(28, 60)));
    expect(secrets.size).toBe(500);
  });

  it('has a secret of at least 160 bits over an alphabet that is used evenly', () => {
    const letters = Array.from({ length: 500 }, () => issueKey().key.slice(28, 60)).join('');
    expect(new Set(letters).size).toBe(62);
    expect(32 * Math.log2(62)).toBeGreaterThan(160);
  });
});

describe('readKey', () => {
  it('reads its own keys, whatever their checksum starts with', () => {
    for (let count = 0; count < 200; count += 1) {
      const issued = issueKey();
      expect(readKey(issued.key)).toEqual({ kind: 'ours', id: issued.id });
    }
  });

  it('notices any change of a single character', () => {
    for (let position = 3; position < key.length; position += 1) {
      expect(readKey(changed(position)).kind).toBe('damaged');
    }
  });

  it.each([
    ['case flipped', flipCase(key).replace(/^TL_/, 'tl_'), 'damaged'],
    ['cut short', key.slice(0, -1), 'damaged'],
    ['with something behind', `${key}0`, 'damaged'],
    ['the prefix alone', 'tl_', 'damaged'],
    ['a lookalike', "tl_' OR '1'='1", 'damaged'],
    ['its id', id, 'foreign'],
    ['its hash', createHash('sha256').update(key).digest('hex'), 'foreign'],
    ['URL-encoded', encodeURIComponent(` ${key}`), 'foreign'],
    ['another vendor', 'sk-proj-abcdefghijklmnop', 'foreign'],
    ['homoglyphs', key.replace('tl_', 'tⅼ_'), 'foreign'],
    ['nothing', '', 'foreign'],
  ])('tells a key %s', (_name, text, kind) => {
    expect(readKey(text).kind).toBe(kind);
  });

  it('computes a checksum that other tools can compute', () => {
    const body = `tl_${'0'.repeat(24)}_${'a'.repeat(32)}`;
    // CRC-32 667230677 in base 62, digits before capitals before small letters.
    expect(readKey(`${body}0j9dB7`).kind).toBe('ours');
    expect(readKey(`${body}000000`).kind).toBe('damaged');
  });
});

describe('digestKey', () => {
  it('is the SHA-256 of the bytes', () => {
    expect(digestKey(Buffer.from('abc')).toString('hex')).toBe(createHash('sha256').update('abc').digest('hex'));
  });
});

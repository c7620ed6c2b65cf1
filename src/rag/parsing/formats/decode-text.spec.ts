import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanText } from './clean-text.js';
import { decodeText } from './decode-text.js';
import { readText } from './read-text.js';

const FRENCH = 'Café au lait, où êtes-vous? Ça va très bien, merci. Déjà vu, élève!';
const RUSSIAN = 'Привет, мир! Как дела? Почти хорошо.';
const RUSSIAN_1251 = Buffer.from('cff0e8e2e5f22c20ece8f02120cae0ea20e4e5ebe03f20cfeef7f2e820f5eef0eef8ee2e', 'hex');

function utf16(text: string, order: 'le' | 'be', isMarked: boolean): Buffer {
  const bytes = Buffer.from(isMarked ? `\ufeff${text}` : text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

describe('decodeText (R08)', () => {
  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from('Größe 🙂'), 'Größe 🙂'],
    ['UTF-8 with a mark', Buffer.from('\ufeffGröße'), 'Größe'],
    ['UTF-16 LE with a mark', utf16('Größe 🙂', 'le', true), 'Größe 🙂'],
    ['UTF-16 BE with a mark', utf16('Größe 🙂', 'be', true), 'Größe 🙂'],
    ['UTF-16 LE without one', utf16('Plain enough', 'le', false), 'Plain enough'],
    ['UTF-16 BE without one', utf16('Plain enough', 'be', false), 'Plain enough'],
    ['UTF-16 cut in the middle of a unit', utf16('cut', 'le', true).subarray(0, -1), 'cu'],
    ['Latin-1', Buffer.from(FRENCH, 'latin1'), FRENCH],
    ['a Latin-1 word', Buffer.from('caf\xe9', 'latin1'), 'café'],
    ['typographic quotes of windows-1252', Buffer.from([0x93, 0x68, 0x69, 0x94]), '“hi”'],
    ['windows-1251', RUSSIAN_1251, RUSSIAN],
    ['a pair of surrogates encoded one by one', Buffer.from('61eda0bdedb98262', 'hex'), 'a🙂b'],
    ['nothing', Buffer.alloc(0), ''],
  ])('reads %s', (_name, bytes, expected) => {
    expect(decodeText(bytes)).toBe(expected);
  });

  it.each<[string, Buffer]>([
    ['a mixture of UTF-8 and Latin-1', Buffer.concat([Buffer.from('Größe, Maß '), Buffer.from('caf\xe9', 'latin1')])],
    ['UTF-32', Buffer.from('fffe000061000000', 'hex')],
  ])('refuses %s and says what to do', (_name, bytes) => {
    expect(() => decodeText(bytes)).toThrow(expect.objectContaining({ code: 'invalid_encoding' }));
    expect(() => decodeText(bytes)).toThrow(/Save it as UTF-8/);
  });

  it('prefers what the document declares to a guess', () => {
    const bytes = Buffer.from([0xe1, 0xe9, 0xb9, 0xbb]);
    expect(decodeText(bytes, 'windows-1250')).toBe('áéą»');
    expect(decodeText(Buffer.from('caf\xe9', 'latin1'), 'no-such-encoding')).toBe('café');
  });

  it.each<[string, Buffer, string]>([
    ['NUL', Buffer.from('a\0b\0'), 'ab'],
    ['byte order marks before it', Buffer.from('\0\ufeff\ufeffa\ufeffb'), 'a\ufeffb'],
    ['half a pair in UTF-16', utf16('a\ud83db', 'le', true), 'ab'],
    ['half a pair in UTF-8', Buffer.from('61eda0bd62', 'hex'), 'ab'],
  ])('stores a text with %s without it', (_name, bytes, expected) => {
    expect(readText(bytes).text).toBe(expected);
  });

  it('takes zeros after a mark of UTF-8 for what they are', () => {
    expect(cleanText(decodeText(Buffer.from('\ufeffx\0\u0001')))).toBe('x\u0001');
  });

  it('keeps every text that can be stored, in UTF-8 and UTF-16', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (tail) => {
        const text = `x${tail}`;
        expect(cleanText(decodeText(utf16(text, 'le', true)))).toBe(cleanText(text));
        expect(cleanText(decodeText(utf16(text, 'be', true)))).toBe(cleanText(text));
        expect(cleanText(decodeText(Buffer.from(`\ufeff${text.toWellFormed()}`)))).toBe(cleanText(text.toWellFormed()));
      }),
    );
  });

  it('gives some text without NUL and halves of pairs, or refuses, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          const { text } = readText(Buffer.from(bytes));
          expect(text.isWellFormed() && !text.includes('\0')).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_encoding' });
        }
      }),
    );
  });
});

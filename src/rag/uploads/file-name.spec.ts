import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanFileName } from './file-name.js';

describe('cleanFileName (R01)', () => {
  it.each([
    ['notes.md', 'notes.md'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\x.txt', 'x.txt'],
    ['/abs/a.txt', 'a.txt'],
    ['C:\\x\\a.txt', 'a.txt'],
    ['CON', 'CON'],
    ['.htaccess', '.htaccess'],
    ['%2e%2e%2fa.txt', '%2e%2e%2fa.txt'],
    ['cod\u202etxt.exe', 'codtxt.exe'],
    ['a\r\nb".txt', 'ab".txt'],
    [`${'a'.repeat(4_096)}.md`, `${'a'.repeat(252)}.md`],
    ['Größe 🙂.txt', 'Größe 🙂.txt'],
  ])('makes of %j the name %j', (name, expected) => {
    expect(cleanFileName(name)).toBe(expected);
  });

  it.each(['', ' ', '.', '..', '../..', 'a/', 'a\0.txt', '\u202e'])('refuses %j', (name) => {
    expect(() => cleanFileName(name)).toThrow(expect.objectContaining({ code: 'invalid_filename' }));
  });

  it('gives a name that can be stored and shown, or refuses', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        try {
          const clean = cleanFileName(name);
          expect(clean.isWellFormed() && clean.length <= 255 && !/[/\\\0\r\n\u202e]/.test(clean)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_filename' });
        }
      }),
    );
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../core/errors/app-error.js';
import { parseJson } from './parse-json.js';

const CORPUS = fileURLToPath(new URL('../../../../shared/inputs/json-parsing/', import.meta.url));

function codeOf(bytes: Buffer | string): string {
  try {
    parseJson(Buffer.from(bytes as string));
    return 'accepted';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('parseJson', () => {
  it('keeps the digits of numbers that a double would round', () => {
    const text = '{"seed":9007199254740993,"schema":{"maximum":18446744073709551615}}';
    expect(JSON.stringify(parseJson(Buffer.from(text)))).toBe(text);
  });

  it.each<[string, Buffer | string, string]>([
    ['a cut object', '{"a":', 'invalid_json'],
    ['nothing', '', 'invalid_json'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_utf8'],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'invalid_utf8'],
    ['a surrogate in raw bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid_utf8'],
    ['an escaped NUL', '{"a":"x\\u0000"}', 'invalid_character'],
    ['an escaped NUL in a key', '{"a\\u0000":1}', 'invalid_character'],
    ['half a surrogate pair', '["\\ud83d"]', 'invalid_unicode'],
    ['half a surrogate pair in a key', '{"\\uDE00":1}', 'invalid_unicode'],
    ['a whole surrogate pair', '["\\ud83d\\ude00"]', 'accepted'],
    ['an escaped backslash before u0000', '["\\\\u0000"]', 'accepted'],
    ['a byte order mark', '\ufeff{}', 'accepted'],
    ['64 levels', '['.repeat(64) + ']'.repeat(64), 'accepted'],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), 'nesting_too_deep'],
    ['40,000 levels', '{"a":'.repeat(40_000), 'nesting_too_deep'],
    ['O28 the tokens of 2,048 texts', `[${`[${'12345,'.repeat(550)}0],`.repeat(2_047)}0]`, 'accepted'],
    ['O28 more numbers than are taken', `[${'1,'.repeat(1_310_000)}0]`, 'request_too_large'],
    ['O28 lists', `[${'[],'.repeat(430_000)}0]`, 'accepted'],
    ['O28 more lists', `[${'[],'.repeat(433_334)}0]`, 'request_too_large'],
    ['O28 texts', `[${'"a",'.repeat(259_000)}0]`, 'accepted'],
    ['O28 more texts', `[${'"a",'.repeat(260_001)}0]`, 'request_too_large'],
    ['45,000 messages', `{"messages":[${'{"role":"user","content":"Hi"},'.repeat(45_000)}0]}`, 'accepted'],
    ['C03 100,000 messages', `{"messages":[${'{"role":"user","content":"Hi"},'.repeat(100_000)}0]}`, 'array_too_long'],
    ['O28 many names behind a list', `{"a":[1],${'"b":0,'.repeat(180_000)}"c":0}`, 'request_too_large'],
    ['O28 more names', `[${'{"role":"user","content":"Hi"},'.repeat(60_000)}0]`, 'request_too_large'],
    ['O28 many parts that are text', JSON.stringify(',:[{'.repeat(500_000)), 'accepted'],
    ['O28 exact numbers', `[${'9007199254740993,'.repeat(20_000)}0]`, 'accepted'],
    ['O28 more exact numbers', `[${'9007199254740993,'.repeat(20_001)}0]`, 'request_too_large'],
    ['brackets in strings', JSON.stringify(['['.repeat(100), '\\"' + '{'.repeat(100)]), 'accepted'],
  ])('%s', (_name, bytes, expected) => {
    expect(codeOf(bytes)).toBe(expected);
  });

  it('names the place of a character that cannot be stored', () => {
    const body = Buffer.from('{"messages":[{"content":"ok"},{"content":"\\u0000"}]}');
    expect(() => parseJson(body)).toThrow(expect.objectContaining({ param: 'messages[1].content' }));
  });

  it('keeps __proto__ as data', () => {
    const value = parseJson(Buffer.from('{"__proto__":{"polluted":true},"a":1,"a":2}'));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a']);
    expect(value).toMatchObject({ a: 2 });
  });
});

const files = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => /^[yni]_.*\.json$/.test(name)) : [];
if (files.length === 0) process.stderr.write(`The corpus of JSON texts is not at ${CORPUS}: its cases are skipped.\n`);

(files.length > 0 ? describe : describe.skip)('the corpus of JSON texts', () => {
  it.each(files.filter((name) => name.startsWith('y_')))('takes %s', (name) => {
    const bytes = readFileSync(join(CORPUS, name));
    // These two are valid JSON, but hold what no database can store.
    const expected = /\\u0000|\\uD800/.test(bytes.toString())
      ? ['accepted', 'invalid_character', 'invalid_unicode']
      : ['accepted'];
    expect(expected).toContain(codeOf(bytes));
    if (expected.length === 1) expect(parseJson(bytes)).toEqual(JSON.parse(bytes.toString().replace(/^\ufeff/, '')));
  });

  it.each(files.filter((name) => name.startsWith('n_')))('refuses %s', (name) => {
    expect(codeOf(readFileSync(join(CORPUS, name)))).toMatch(/^(?:invalid_|nesting_too_deep)/);
  });

  it.each(files.filter((name) => name.startsWith('i_')))('answers %s in some defined way', (name) => {
    expect(codeOf(readFileSync(join(CORPUS, name)))).toMatch(/^(?:invalid_|nesting_too_deep|accepted)/);
  });
});

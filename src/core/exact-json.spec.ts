import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseExactJson, roundNumbers } from './exact-json.js';
import { ExactNumber } from './exact-number.js';
import { isJsonObject } from './json.js';

const write = (text: string): string => JSON.stringify(parseExactJson(text));

describe('numbers that a double would round', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '18446744073709551615',
    '123456789012345678901234567890',
    '1e400',
    '-2.5E-400',
    '0.1234567890123456789',
    '3.14159265358979323846',
    '0.00001234567890123456789',
  ])('keep their text: %s', (number) => {
    const text = `{"a":${number},"b":[${number},{"c":${number}}],"d":"${number}"}`;
    expect(write(text)).toBe(text);
    expect((parseExactJson(text) as { a: ExactNumber }).a).toEqual(new ExactNumber(number));
  });

  it.each([
    '9007199254740991',
    '1763846494000000',
    '10000000000000000',
    '0.1',
    '-0.31725305318832397',
    '1e-7',
    '1e300',
  ])('are only those: %s stays a number', (number) => {
    expect((parseExactJson(`{"a": ${number}}`) as { a: unknown }).a).toBe(Number(number));
  });

  it('stand wherever numbers do, between blanks and after strings of any kind', () => {
    const text = '{ "a\\\\" :\n 12345678901234567890 , "b\\"" : [ "x\\\\\\"" ,\t-12345678901234567890]}';
    expect(write(text)).toBe('{"a\\\\":12345678901234567890,"b\\"":["x\\\\\\"",-12345678901234567890]}');
  });

  it('are not found in strings', () => {
    const text = '{"a":"[12345678901234567890","b\\",":"\\":12345678901234567890","c":["",12345678901234567890]}';
    expect(write(text)).toBe(text);
  });

  it('do not make JSON of what is none', () => {
    for (const text of ['{"a":1,12345678901234567890:2}', '[012345678901234567890]', '[12345678901234567890.]', '[1']) {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    }
  });

  it('leave names such as __proto__ alone', () => {
    const text = '{"__proto__":12345678901234567890,"constructor":{"__proto__":{"a":12345678901234567890}}}';
    const value = parseExactJson(text);
    expect(JSON.stringify(value)).toBe(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('are found at any depth and in any number', () => {
    const deep = `${'['.repeat(20_000)}12345678901234567890${']'.repeat(20_000)}`;
    let value = parseExactJson(deep);
    while (Array.isArray(value)) value = value[0] ?? null;
    expect(value).toEqual(new ExactNumber('12345678901234567890'));
    const many = `[${Array.from({ length: 50_000 }, (_, index) => `1234567890123456789${String(index)}`).join(',')}]`;
    expect(write(many)).toBe(many);
  });

  it('may be as long as their text: a pass over it, not one for each of its zeros', () => {
    const zeros = '0'.repeat(1_000_000);
    expect(write(`[1.${zeros}1]`) === `[1.${zeros}1]`).toBe(true);
    expect(write(`[1${zeros}1]`) === `[1${zeros}1]`).toBe(true);
    expect(write(`[1.5${zeros}]`) === '[1.5]').toBe(true);
  });

  it('are no objects, and reckon as the nearest double', () => {
    const leaf = new ExactNumber('9007199254740993');
    expect(isJsonObject(leaf)).toBe(false);
    expect(Number(leaf)).toBe(9007199254740992);
    expect(String(leaf)).toBe('9007199254740993');
    expect(JSON.stringify(roundNumbers(parseExactJson('{"a":[9007199254740993,{"b":1e400}]}')))).toBe(
      '{"a":[9007199254740992,{"b":null}]}',
    );
  });
});

describe('any JSON', () => {
  const number = fc.oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.tuple(fc.nat(), fc.bigInt({ min: 0n })).map(([whole, part]) => `${String(whole)}.${String(part)}`),
  );
  const { value: text } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      number,
      fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
      fc.constantFrom('"\\\\"', '"[12345678901234567890"', '"\\":"', 'true', 'null', '""'),
      fc.array(tie('value')).map((values) => `[${values.join(',')}]`),
      fc
        .uniqueArray(fc.tuple(fc.string({ minLength: 1 }), tie('value')), { selector: ([name]) => name })
        .map((members) => `{ ${members.map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(' , ')} }`),
    ),
  }));

  it('is what JSON.parse gives once its numbers are rounded, and keeps its integers when it is written', () => {
    fc.assert(
      fc.property(
        text.map((member) => `[${member}]`),
        (value) => {
          expect(roundNumbers(parseExactJson(value))).toEqual(JSON.parse(value));
          // Long texts are looked through in another way.
          expect(write(value + ' '.repeat(1_100))).toBe(write(value));
          const integers = (json: string): string[] =>
            json.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').match(/(?<![\d.eE+-])-?\d{16,}\b(?!\.)/g) ?? [];
          expect(integers(JSON.stringify(parseExactJson(value))).sort()).toEqual(integers(value).sort());
        },
      ),
      { numRuns: 300 },
    );
  });
});

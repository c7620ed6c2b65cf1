import { describe, expect, it } from '@jest/globals';
import { schemaCases } from '../../../../test/support/schema-cases.js';
import { soakSeed } from '../../../../test/support/soak-seed.js';
import { JsonChecker } from './json-checker.js';

const INVALID = { kind: 'invalid' };
const UNUSABLE = { kind: 'unusable' };

describe(JsonChecker.name, () => {
  const checker = new JsonChecker();
  const check = (schema: object, data: unknown): unknown =>
    checker.check(JSON.stringify(schema), typeof data === 'string' ? data : JSON.stringify(data));
  const problemOf = (schema: object, data: unknown): unknown => {
    const result = check(schema, data) as { problems?: { path: string; message: string }[] };
    const [problem] = result.problems ?? [];
    return problem && `${problem.path} ${problem.message}`;
  };

  it.each<[string, object, unknown, unknown]>([
    ['any JSON', {}, '1', undefined],
    ['no JSON', {}, '{"a":', expect.stringContaining('data is not JSON')],
    ['nothing', {}, ' ', 'data is empty'],
    ['a wrong type', { type: 'object' }, '[]', 'data must be object'],
    ['a lack', { required: ['a'] }, '{}', 'data must have the property "a"'],
    [
      'a lack of what every object inherits',
      { required: ['toString'] },
      '{}',
      'data must have the property "toString"',
    ],
    [
      'a property too many',
      { additionalProperties: false },
      '{"__proto__":1}',
      'data must not have the property "__proto__"',
    ],
    ['a place', { items: { properties: { a: { type: 'null' } } } }, '[{},{"a":1}]', 'data[1].a must be null'],
    ['a choice', { enum: ['a', 1] }, '"b"', 'data must be one of ["a",1]'],
    ['a constant', { const: 'a' }, '"b"', 'data must be "a"'],
    ['a pattern', { pattern: '^\\d+\\/x$' }, '"12/y"', expect.stringContaining('must match pattern')],
    [
      'each pattern by itself',
      { properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } },
      '{"a":"a","b":"b"}',
      undefined,
    ],
    [
      'a tree',
      { properties: { a: { $ref: '#' }, b: { type: 'null' } } },
      '{"a":{"a":{"b":1}}}',
      'data.a.a.b must be null',
    ],
    ['a format, which is not checked', { format: 'email' }, '"x"', undefined],
    [
      'its own name for the dialect',
      { $schema: 'http://json-schema.org/draft-04/schema#', type: 'null' },
      'null',
      undefined,
    ],
    ['keywords that nobody knows', { type: 'integer', nullable: true, example: 1, foo: { bar: 1 } }, '1', undefined],
    ['deep data', {}, '['.repeat(300) + ']'.repeat(300), 'data is nested deeper than 256 levels'],
    ['deeper data', {}, '['.repeat(100_000) + ']'.repeat(100_000), 'data is nested deeper than 256 levels'],
  ])('takes or tells %s', (_name, schema, text, expected) => {
    expect(problemOf(schema, text)).toEqual(expected);
  });

  it.each<[string, object, string]>([
    ["draft 4's bounds", { exclusiveMinimum: true, minimum: 1 }, 'schema.exclusiveMinimum must be number'],
    ["draft 4's ids", { id: 'a', type: 'object' }, 'NOT SUPPORTED: keyword "id"'],
    ["draft 3's required", { properties: { a: { required: true } } }, 'schema.properties.a.required must be array'],
    ["draft 7's tuples", { items: [{}] }, 'schema.items must be object,boolean'],
    ['a reference to nothing', { $ref: '#/$defs/a' }, "can't resolve reference #/$defs/a"],
    ['a reference to itself alone', { $ref: '#' }, 'refers to itself without end'],
    [
      'a name that is not checked',
      { properties: JSON.parse('{"__proto__":{}}') as object },
      'has the name "__proto__"',
    ],
    ['a ring', { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, 'without end'],
    ['look-ahead', { pattern: '(?=a)b' }, 'has the pattern "(?=a)b", which cannot be checked'],
    ['back-references', { patternProperties: { '(a)\\1': {} } }, 'cannot be checked'],
    ['a pattern that is none', { pattern: '(' }, 'cannot be checked'],
    ['endless repetition', { pattern: '((a{1000}){1000}){1000}' }, 'cannot be checked'],
  ])('C19 has no use for %s', (_name, schema, message) => {
    const first = problemOf(schema, 'null');
    expect(first).toContain(message);
    expect(checker.check(JSON.stringify(schema), null)).toMatchObject(UNUSABLE);
  });

  it('C08 pollutes nothing, and takes names for names', () => {
    const schema = '{"type":"object","properties":{"constructor":{"type":"integer"}}}';
    expect(checker.check(schema, '{}')).toEqual({ kind: 'valid' });
    expect(checker.check(schema, '{"__proto__":{"polluted":1}}')).toEqual({ kind: 'valid' });
    expect(checker.check(schema, '{"constructor":"x"}')).toMatchObject(INVALID);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each<[string, object, string, string | undefined]>([
    ['the right constant', { const: { constructor: { a: 1 } } }, '{"constructor":{"a":1}}', undefined],
    ['a wrong constant', { const: { kind: 'x' } }, '{"toString":1}', 'data must be {"kind":"x"}'],
    ['a right choice', { enum: [1, { valueOf: 'x' }] }, '{"valueOf":"x"}', undefined],
    ['a wrong choice', { enum: [{ a: [] }] }, '{"valueOf":null}', 'data must be one of [{"a":[]}]'],
    [
      'the same twice',
      { uniqueItems: true },
      '[0,{"toString":1},{"toString":1}]',
      'data must NOT have duplicate items (items ## 1 and 2 are identical)',
    ],
    [
      'names of what every object inherits',
      { items: { type: 'string' }, uniqueItems: true },
      '["__proto__","toString"]',
      undefined,
    ],
    ['what need not differ', { uniqueItems: false }, '[1,1]', undefined],
  ])('compares %s as data, whatever its names', (_name, schema, text, expected) => {
    expect(problemOf(schema, text)).toEqual(expected);
  });

  it('keeps schemas apart that call themselves the same', () => {
    for (const type of ['string', 'integer', 'string']) {
      const schema = { $id: 'http://example.com/same', $defs: { a: { $id: 'inner', type } }, $ref: '#/$defs/a' };
      expect([type, check(schema, '1')]).toEqual([
        type,
        type === 'integer' ? { kind: 'valid' } : expect.objectContaining(INVALID),
      ]);
    }
  });

  it('matches in time proportional to the text', () => {
    expect(check({ pattern: '^(a+)+$' }, `${'a'.repeat(100_000)}b`)).toMatchObject(INVALID);
  });

  it('tells right from wrong for schemas of every sort', () => {
    for (const { schema, right, wrong } of schemaCases(soakSeed(), 60)) {
      expect([schema, right, check(schema, JSON.stringify(right))]).toEqual([schema, right, { kind: 'valid' }]);
      expect([schema, wrong, check(schema, JSON.stringify(wrong))]).toEqual([
        schema,
        wrong,
        expect.objectContaining(INVALID),
      ]);
    }
  });
});

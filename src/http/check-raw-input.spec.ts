import { describe, expect, it } from '@jest/globals';
import type { InvalidRequestError } from '../core/errors/app-error.js';
import { checkNames, checkParameter, checkQuery } from './check-raw-input.js';

function refusalOf(check: () => void): [string, string | null] | null {
  try {
    check();
    return null;
  } catch (error) {
    const { code, param } = error as InvalidRequestError;
    return [code, param];
  }
}

describe('raw input', () => {
  it.each<[unknown, boolean]>([
    ['job_1', true],
    ['über/😀 x', true],
    [['a', 'b'], true],
    [undefined, true],
    ['a\0b', false],
    ['a\r\nb', false],
    [['a', '\u007f'], false],
  ])('takes the parameter %j: %s', (value, isGood) => {
    expect(
      refusalOf(() => {
        checkParameter(value);
      }),
    ).toEqual(isGood ? null : ['invalid_id', null]);
  });

  it('refuses NUL in names and values of a query', () => {
    expect(
      refusalOf(() => {
        checkQuery({ after: 'x', limit: ['1', '2'] });
      }),
    ).toBeNull();
    expect(
      refusalOf(() => {
        checkQuery({ after: 'x\0' });
      }),
    ).toEqual(['invalid_query', 'after']);
    expect(
      refusalOf(() => {
        checkQuery({ limit: ['1', '\0'] });
      }),
    ).toEqual(['invalid_query', 'limit']);
    expect(
      refusalOf(() => {
        checkQuery({ 'a\0b': '1' });
      }),
    ).toEqual(['invalid_query', 'ab']);
  });

  it('refuses objects of more than 256 fields', () => {
    const wide = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${String(i)}`, i]));
    expect(
      refusalOf(() => {
        checkNames({ metadata: wide(256), list: Array(1_000).fill(1) });
      }),
    ).toBeNull();
    expect(
      refusalOf(() => {
        checkNames(wide(257));
      }),
    ).toEqual(['invalid_value', null]);
    expect(
      refusalOf(() => {
        checkNames({ list: [{ metadata: wide(257) }] });
      }),
    ).toEqual(['invalid_value', 'list.0.metadata']);
  });

  it.each<[string, string | null]>([
    ['{"name":"a","list":[1,null,{"b":true}]}', null],
    ['{"__proto__":{"polluted":1}}', '__proto__'],
    ['{"metadata":{"constructor":"x"}}', 'metadata.constructor'],
    ['{"list":[{"a":{"__proto__":1}}]}', 'list.0.a.__proto__'],
    ['{"metadata":{"toString":"x","then":1}}', null],
    ['{"then":1}', null],
    ['{"a":1,"toString":2}', 'toString'],
    ['{"hasOwnProperty":2}', 'hasOwnProperty'],
    ['{"metadata":{"prototype":{}}}', 'metadata.prototype'],
    ['"__proto__"', null],
  ])('finds in %s the lost name %s', (json, path) => {
    const refusal = refusalOf(() => {
      checkNames(JSON.parse(json));
    });
    expect(refusal).toEqual(path === null ? null : ['unknown_parameter', path]);
  });
});

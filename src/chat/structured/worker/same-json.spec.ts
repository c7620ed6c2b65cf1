import { describe, expect, it } from '@jest/globals';
import { findTwins, isSameJson } from './same-json.js';

const read = (text: string): unknown => JSON.parse(text);

describe('isSameJson', () => {
  it.each([
    ['1', '1.0'],
    ['0', '-0'],
    ['null', 'null'],
    ['[1,[2]]', '[1,[2]]'],
    ['{"a":1,"b":[]}', '{"b":[],"a":1}'],
    ['{"toString":1,"valueOf":{},"constructor":{}}', '{"constructor":{},"toString":1,"valueOf":{}}'],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
  ])('takes %s and %s for equal', (one, other) => {
    expect(isSameJson(read(one), read(other))).toBe(true);
  });

  it.each([
    ['1', '"1"'],
    ['null', '{}'],
    ['[]', '{}'],
    ['[1,2]', '[2,1]'],
    ['["a"]', '{"0":"a"}'],
    ['{"a":1}', '{"a":1,"b":2}'],
    ['{"toString":1}', '{"valueOf":1}'],
    ['{"toString":1}', '{}'],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
  ])('takes %s and %s for different', (one, other) => {
    expect(isSameJson(read(one), read(other))).toBe(false);
    expect(isSameJson(read(other), read(one))).toBe(false);
  });
});

describe('findTwins', () => {
  it.each<[string, object | null]>([
    ['[]', null],
    ['[1,"1",true,"true",null,"null",[],{}]', null],
    ['[1,2,1]', { i: 2, j: 0 }],
    ['[{"toString":1},0,{"toString":2},{"toString":1}]', { i: 3, j: 0 }],
    ['["__proto__","__proto__"]', { i: 1, j: 0 }],
  ])('finds in %s %j', (text, expected) => {
    expect(findTwins(read(text) as unknown[])).toEqual(expected);
  });
});

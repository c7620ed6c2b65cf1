import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../core/json.js';
import { readArguments } from './check-arguments.js';
import { ToolFailure } from './server-tool.js';

const SCHEMA: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  required: ['city'],
  properties: {
    city: { type: 'string', pattern: '^(a+)+$' },
    code: { type: 'string', pattern: '^[0-9]+$' },
    days: { type: 'integer', minimum: 1 },
  },
};

function refusalOf(text: string, schema = SCHEMA): string {
  try {
    readArguments(text, schema);
    return '';
  } catch (error) {
    if (error instanceof ToolFailure) return error.message;
    throw error;
  }
}

describe('readArguments', () => {
  it('gives what fits', () => {
    expect(readArguments('{"city":"aa","days":2}', SCHEMA)).toEqual({ city: 'aa', days: 2 });
    expect(readArguments(' ', { type: 'object' })).toEqual({});
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"city"', /not JSON/],
    ['no object', '[1]', /one JSON object/],
    ['null', 'null', /one JSON object/],
    ['what is missing', '{}', /must have required property 'city'/],
    ['what is unknown', '{"city":"a","town":1}', /must not have `town`/],
    ['what is wrong, all of it', '{"city":1,"days":0}', /`city` must be string; `days` must be >= 1/],
    ['what is too long', `"${'x'.repeat(1024 ** 2)}"`, /too long/],
  ])('refuses %s', (_name, text, expected) => {
    expect(refusalOf(text)).toMatch(expected);
  });

  it('holds each value to its own pattern', () => {
    expect(readArguments('{"city":"aa","code":"12"}', SCHEMA)).toEqual({ city: 'aa', code: '12' });
    expect(refusalOf('{"city":"12","code":"12"}')).toMatch(/`city` must match/);
    expect(refusalOf('{"city":"aa","code":"aa"}')).toMatch(/`code` must match/);
  });

  it('takes hostile patterns in linear time', () => {
    expect(refusalOf(JSON.stringify({ city: `${'a'.repeat(50_000)}!` }))).toMatch(/must match pattern/);
  });

  it.each<[string, JsonObject]>([
    ['a reference to elsewhere', { type: 'object', properties: { a: { $ref: 'http://127.0.0.1:1/x' } } }],
    ['a pattern that cannot be linear', { type: 'object', properties: { a: { pattern: '(?=x)y' } } }],
  ])('leaves a schema with %s to the tool', (_name, schema) => {
    expect(readArguments('{"a":"b"}', schema)).toEqual({ a: 'b' });
  });
});

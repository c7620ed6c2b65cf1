import { afterAll, describe, expect, it } from '@jest/globals';
import { SchemaChecker } from '../chat/structured/schema-checker.service.js';
import { SystemClock } from '../core/clock.js';
import type { JsonObject } from '../core/json.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
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

const checker = new SchemaChecker(new SystemClock(), new Telemetry());

async function refusalOf(text: string, schema = SCHEMA): Promise<string> {
  try {
    await readArguments(text, schema, checker, 'proj_1');
    return '';
  } catch (error) {
    if (error instanceof ToolFailure) return error.message;
    throw error;
  }
}

describe('readArguments', () => {
  afterAll(async () => {
    await checker.onApplicationShutdown();
  });

  it('gives what fits', async () => {
    expect(await readArguments('{"city":"aa","days":2}', SCHEMA, checker, 'proj_1')).toEqual({ city: 'aa', days: 2 });
    expect(await readArguments(' ', { type: 'object' }, checker, 'proj_1')).toEqual({});
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{"city"', /not JSON/],
    ['no object', '[1]', /one JSON object/],
    ['null', 'null', /one JSON object/],
    ['what is missing', '{}', /they must have the property "city"/],
    ['what is unknown', '{"city":"a","town":1}', /they must not have the property "town"/],
    ['what is wrong, all of it', '{"city":1,"days":0}', /`city` must be string; `days` must be >= 1/],
    ['what is too long', `"${'x'.repeat(1024 ** 2)}"`, /too long/],
  ])('refuses %s', async (_name, text, expected) => {
    expect(await refusalOf(text)).toMatch(expected);
  });

  it('holds each value to its own pattern', async () => {
    expect(await readArguments('{"city":"aa","code":"12"}', SCHEMA, checker, 'proj_1')).toEqual({
      city: 'aa',
      code: '12',
    });
    expect(await refusalOf('{"city":"12","code":"12"}')).toMatch(/`city` must match/);
    expect(await refusalOf('{"city":"aa","code":"aa"}')).toMatch(/`code` must match/);
  });

  it('takes hostile patterns in linear time', async () => {
    expect(await refusalOf(JSON.stringify({ city: `${'a'.repeat(50_000)}!` }))).toMatch(/must match pattern/);
  });

  it.each<[string, JsonObject]>([
    ['a reference to elsewhere', { type: 'object', properties: { a: { $ref: 'http://127.0.0.1:1/x' } } }],
    ['a pattern that cannot be linear', { type: 'object', properties: { a: { pattern: '(?=x)y' } } }],
  ])('leaves a schema with %s to the tool', async (_name, schema) => {
    expect(await readArguments('{"a":"b"}', schema, checker, 'proj_1')).toEqual({ a: 'b' });
  });

  it('follows what a schema says of itself', async () => {
    const tree = { type: 'object', properties: { next: { $ref: '#' }, name: { type: 'string' } } };
    expect(await refusalOf('{"next":{"next":{"name":1}}}', tree)).toMatch(/`next\.next\.name` must be string/);
  });

  it('C19 ends with what would never end, and says so or leaves it to the tool', async () => {
    const unique = { type: 'object', properties: { a: { type: 'array', uniqueItems: true } } };
    const many = JSON.stringify({ a: Array.from({ length: 100_000 }, (_, n) => [n]) });
    expect(await refusalOf(many, unique)).toMatch(/takes too long to check/);
    expect(await refusalOf('{"a":[1]}', unique)).toBe('');
  });
});

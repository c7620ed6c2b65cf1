import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../core/json.js';
import { checkJsonSchema } from './check-json-schema.js';

describe(checkJsonSchema.name, () => {
  const codeOf = (schema: unknown): unknown => {
    try {
      checkJsonSchema(schema as JsonObject, 'schema');
      return null;
    } catch (error) {
      const { code, param } = error as { code: string; param: string };
      return `${code} ${param}`;
    }
  };

  it.each<[string, unknown, string | null]>([
    ['nothing', {}, null],
    ['itself', { $ref: '#' }, null],
    ['a recursive one', { $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, null],
    ['a property named like a keyword', { properties: { $ref: { type: 'string' }, type: { type: 'object' } } }, null],
    ['another document', { items: { $ref: 'http://127.0.0.1/a' } }, 'invalid_schema schema.items.$ref'],
    ['a file', { $ref: 'other.json#/a' }, 'invalid_schema schema.$ref'],
    ['an unknown type', { type: 'objekt' }, 'invalid_schema schema.type'],
    ['properties that are none', { properties: [] }, 'invalid_schema schema.properties'],
    ['a number for a schema', { properties: { a: 1 } }, 'invalid_schema schema.properties.a'],
    ['an id twice', { $id: 'a', items: { $id: 'a' } }, 'invalid_schema schema.items.$id'],
    ['an anchor twice', { $anchor: 'a', not: { $dynamicAnchor: 'a' } }, 'invalid_schema schema.not.$dynamicAnchor'],
    ['two ids', { $id: 'a', items: { $id: 'b', $anchor: 'a' } }, null],
    ['a long text', { description: 'x'.repeat(500_001) }, 'invalid_schema schema'],
    ['a long list of values', { enum: Array(500_001).fill(1) }, 'invalid_schema schema'],
    [
      'long names',
      { default: Object.fromEntries(Array.from({ length: 60 }, (_, n) => ['k'.repeat(9_000) + String(n), 1])) },
      'invalid_schema schema',
    ],
    ['many parts', { allOf: Array(20_001).fill({}) }, 'invalid_schema schema'],
  ])('%s', (_name, schema, expected) => {
    expect(codeOf(schema)).toBe(expected);
  });
});

import type { JsonObject, JsonValue } from '../../src/core/json.js';
import { seededRandom } from './soak-seed.js';

/** A schema, data that matches it, and data that does not. */
export interface SchemaCase {
  schema: JsonObject;
  right: JsonValue;
  wrong: JsonValue;
}

/** Names that mean something to some layer or other. */
const NAMES = [
  ...['name', 'id', 'type', 'a b', 'größe', '名前', '$ref', 'constructor', 'toString', 'length'],
  ...['properties', 'x/y', 'x~y', '0', 'a.b', 'data', 'true', 'emoji 😀', "it's", 'quote"d', 'back\\slash'],
];
const MOST_DEPTH = 3;

/** As many schemas as wanted, the same for the same seed, of every sort that applications send. */
export function schemaCases(seed: number, count: number): SchemaCase[] {
  return Array.from({ length: count }, (_, n) => new SchemaMaker(seededRandom(seed * 10_007 + n)).make());
}

class SchemaMaker {
  readonly #random: () => number;
  readonly #defs: JsonObject = {};

  constructor(random: () => number) {
    this.#random = random;
  }

  make(): SchemaCase {
    const made = this.#random() < 0.7 ? this.#object(0) : this.#any(0);
    const schema = Object.keys(this.#defs).length > 0 ? { ...made.schema, $defs: this.#defs } : made.schema;
    return { ...made, schema };
  }

  #any(depth: number): SchemaCase {
    const leaf = [() => this.#text(), () => this.#number(), () => this.#choice(), () => this.#simple()];
    const tree = [
      () => this.#object(depth),
      () => this.#list(depth),
      () => this.#tuple(depth),
      () => this.#map(depth),
      () => this.#alternatives(depth),
      () => this.#optional(depth),
      () => this.#both(depth),
      () => this.#conditional(depth),
      () => this.#defined(depth),
      () => this.#recursive(depth),
    ];
    return this.#pick(depth >= MOST_DEPTH ? leaf : [...leaf, ...tree])();
  }

  #text(): SchemaCase {
    return this.#pick<SchemaCase>([
      { schema: { type: 'string' }, right: 'Ada "Lovelace" } ] \\ \n ü 😀', wrong: 1815 },
      { schema: { type: 'string', minLength: 2, maxLength: 5 }, right: 'abc', wrong: 'a' },
      { schema: { type: 'string', pattern: '^[A-Z]{2}\\d+$' }, right: 'AB12', wrong: 'ab' },
      { schema: { type: 'string', pattern: '(a+)+$' }, right: 'aaa', wrong: `${'a'.repeat(40)}b` },
      { schema: { type: 'string', format: 'email' }, right: 'not checked', wrong: false },
      { schema: { type: 'string', not: { const: 'x' } }, right: 'y', wrong: 'x' },
    ]);
  }

  #number(): SchemaCase {
    const least = Math.floor(this.#random() * 100) - 50;
    return this.#pick<SchemaCase>([
      { schema: { type: 'integer', minimum: least, maximum: least + 10 }, right: least, wrong: least + 11 },
      { schema: { type: 'number', exclusiveMinimum: least }, right: least + 0.5, wrong: least },
      { schema: { type: 'number', multipleOf: 0.25 }, right: -1.75, wrong: 0.3 },
      { schema: { type: 'integer' }, right: 1e6, wrong: 1.5 },
    ]);
  }

  #choice(): SchemaCase {
    return this.#pick<SchemaCase>([
      { schema: { enum: ['red', 'green', 1, { a: [] }] }, right: { a: [] }, wrong: 'blue' },
      { schema: { const: { kind: 'x' } }, right: { kind: 'x' }, wrong: { kind: 'y' } },
      { schema: { type: 'string', enum: ['only'] }, right: 'only', wrong: 'other' },
    ]);
  }

  #simple(): SchemaCase {
    return this.#pick<SchemaCase>([
      { schema: { type: 'boolean' }, right: false, wrong: 'no' },
      { schema: { type: ['string', 'null'] }, right: null, wrong: 0 },
      { schema: { type: 'array', items: { type: 'integer' }, uniqueItems: true }, right: [1, 2], wrong: [1, 1] },
    ]);
  }

  #object(depth: number): SchemaCase {
    const names = NAMES.filter(() => this.#random() < 0.15);
    const members = [...names, 'last'].map((name) => ({
      name,
      ...this.#any(depth + 1),
      isRequired: this.#random() < 0.7,
    }));
    const required = members.filter(({ name, isRequired }) => isRequired || name === 'last').map(({ name }) => name);
    const isClosed = this.#random() < 0.6;
    const right = toObject(members.map(({ name, right }) => [name, right]));
    const wrongs = [
      toObject(members.filter(({ name }) => name !== 'last').map(({ name, right }) => [name, right])),
      toObject(members.map(({ name, right, wrong }) => [name, name === 'last' ? wrong : right])),
    ];
    return {
      schema: {
        type: 'object',
        properties: toObject(members.map(({ name, schema }) => [name, schema])),
        required,
        ...(isClosed && { additionalProperties: false }),
      },
      right,
      wrong: this.#pick(isClosed ? [...wrongs, { ...right, extra: 1 }] : wrongs),
    };
  }

  #list(depth: number): SchemaCase {
    const { schema, right, wrong } = this.#any(depth + 1);
    return { schema: { type: 'array', items: schema, minItems: 1 }, right: [right, right], wrong: [right, wrong] };
  }

  #tuple(depth: number): SchemaCase {
    const first = this.#any(depth + 1);
    const second = this.#any(depth + 1);
    return {
      schema: { type: 'array', prefixItems: [first.schema, second.schema], items: false, minItems: 2 },
      right: [first.right, second.right],
      wrong: this.#pick<JsonValue>([[first.right], [first.right, second.right, 0], [first.wrong, second.right]]),
    };
  }

  #map(depth: number): SchemaCase {
    const { schema, right, wrong } = this.#any(depth + 1);
    return this.#pick<SchemaCase>([
      {
        schema: { type: 'object', additionalProperties: schema },
        right: { one: right },
        wrong: { one: right, two: wrong },
      },
      {
        schema: { type: 'object', patternProperties: { '^x-': schema }, additionalProperties: false },
        right: { 'x-a': right },
        wrong: { 'y-a': right },
      },
    ]);
  }

  #alternatives(depth: number): SchemaCase {
    const variants = ['a', 'b'].map((kind) => {
      const { schema, right } = this.#any(depth + 1);
      const properties = { kind: { const: kind }, value: schema };
      return { schema: { type: 'object', properties, required: ['kind', 'value'] }, right: { kind, value: right } };
    });
    const keyword = this.#pick(['oneOf', 'anyOf']);
    return {
      schema: { [keyword]: variants.map(({ schema }) => schema) },
      right: this.#pick(variants).right,
      wrong: { kind: 'c', value: null },
    };
  }

  #optional(depth: number): SchemaCase {
    const { schema, right } = this.#object(depth + 1);
    return { schema: { anyOf: [schema, { type: 'null' }] }, right: this.#pick([right, null]), wrong: 'neither' };
  }

  #both(depth: number): SchemaCase {
    const one = this.#any(depth + 1);
    const other = this.#any(depth + 1);
    return {
      schema: {
        allOf: [
          { type: 'object', properties: { one: one.schema }, required: ['one'] },
          { type: 'object', properties: { other: other.schema }, required: ['other'] },
        ],
        unevaluatedProperties: false,
      },
      right: { one: one.right, other: other.right },
      wrong: this.#pick<JsonValue>([{ one: one.right }, { one: one.right, other: other.right, third: 1 }]),
    };
  }

  #conditional(depth: number): SchemaCase {
    const { schema, right, wrong } = this.#any(depth + 1);
    return {
      schema: {
        type: 'object',
        required: ['is'],
        if: { properties: { is: { const: true } } },
        then: { properties: { is: true, value: schema }, required: ['value'] },
        else: { properties: { value: false } },
      },
      right: { is: true, value: right },
      wrong: this.#pick<JsonValue>([{ is: true, value: wrong }, { is: false, value: right }, { is: true }]),
    };
  }

  #defined(depth: number): SchemaCase {
    const { schema, right, wrong } = this.#any(depth + 1);
    const name = `part ${String(Object.keys(this.#defs).length)}`;
    this.#defs[name] = schema;
    return { schema: { $ref: `#/$defs/${encodeURIComponent(name)}` }, right, wrong };
  }

  #recursive(depth: number): SchemaCase {
    const { schema, right, wrong } = this.#any(depth + 1);
    const name = `tree${String(Object.keys(this.#defs).length)}`;
    const $ref = `#/$defs/${name}`;
    this.#defs[name] = {
      type: 'object',
      properties: { value: schema, children: { type: 'array', items: { $ref } } },
      required: ['value'],
    };
    const nest = (value: JsonValue): JsonValue => ({ value: right, children: [{ value: right }, { value }] });
    return { schema: { $ref }, right: nest(right), wrong: nest(wrong) };
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }
}

function toObject(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  return Object.fromEntries(entries);
}

/** A small schema that takes for ever: each level asks for the next one twice. */
export function explosiveSchema(): JsonObject {
  const levels = Array.from({ length: 40 }, (_, n): [string, JsonObject] => {
    const next = { $ref: `#/$defs/a${String(n + 1)}` };
    return [`a${String(n)}`, n < 39 ? { allOf: [next, next] } : { type: 'object' }];
  });
  return { $ref: '#/$defs/a0', $defs: Object.fromEntries(levels) };
}

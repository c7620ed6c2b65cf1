import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.js';
import { refuse } from './read-parameters.js';

const TYPES: ReadonlySet<string> = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);
const MAX_NODES = 20_000;
/** Names, texts and values together; several times what any vendor takes. */
const MAX_CHARACTERS = 500_000;

const MAPS_OF_SCHEMAS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const SCHEMAS = [
  'items',
  'additionalProperties',
  'additionalItems',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
];
const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'];
const NAMES = ['$id', '$anchor', '$dynamicAnchor'];
const LISTS_OF_SCHEMAS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];

interface Node {
  schema: JsonValue;
  path: string;
}

/**
 * Throws `invalid_schema` for what cannot be a JSON Schema, points outside of itself (nothing is ever fetched), gives a name
 * twice, or is larger than any model takes. Keywords beyond the structure are left to whoever compiles the schema.
 */
export function checkJsonSchema(root: JsonObject, path: string): void {
  const names = new Set<string>();
  const pending: Node[] = [{ schema: root, path }];
  checkSize(root, path);
  for (let seen = 0, node = pending.pop(); node; seen++, node = pending.pop()) {
    if (seen + pending.length > MAX_NODES) refuseSchema(path, `has more than ${String(MAX_NODES)} parts`);
    if (typeof node.schema === 'boolean') continue;
    if (!isJsonObject(node.schema)) return refuseSchema(node.path, 'must be a JSON Schema: an object, true or false');
    checkKeywords(node.schema, node.path);
    checkNames(node.schema, node.path, names);
    addChildren(node.schema, node.path, pending);
  }
}

// Everything counts, also what is no schema: examples, defaults, the values of an `enum`.
function checkSize(root: JsonValue, path: string): void {
  const pending: JsonValue[] = [root];
  let characters = 0;
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    characters += typeof value === 'string' ? value.length : 1;
    if (characters + pending.length > MAX_CHARACTERS) {
      refuseSchema(path, `is larger than ${MAX_CHARACTERS.toLocaleString('en')} characters`);
    }
    if (Array.isArray(value)) {
      for (const element of value) pending.push(element);
      continue;
    }
    if (!isJsonObject(value)) continue;
    for (const [key, member] of Object.entries(value)) {
      characters += key.length;
      pending.push(member ?? null);
    }
  }
}

// Whoever compiled it could not tell which of the two is meant.
function checkNames(schema: JsonObject, path: string, names: Set<string>): void {
  for (const key of NAMES) {
    const name = schema[key];
    if (typeof name !== 'string') continue;
    const full = `${key === '$id' ? 'id' : 'anchor'} ${name}`;
    if (names.has(full)) refuseSchema(`${path}.${key}`, 'is given twice: names within a schema must differ');
    names.add(full);
  }
}

function checkKeywords(schema: JsonObject, path: string): void {
  const { type, required } = schema;
  const types = Array.isArray(type) ? type : [type ?? 'object'];
  if (!types.every((name) => typeof name === 'string' && TYPES.has(name))) {
    refuseSchema(`${path}.type`, `must be one of ${[...TYPES].join(', ')}, or a list of them`);
  }
  if (Array.isArray(required) && !required.every((name) => typeof name === 'string')) {
    refuseSchema(`${path}.required`, 'must be a list of property names');
  }
  for (const key of REFERENCES) {
    const reference = schema[key];
    if (reference === undefined || (typeof reference === 'string' && reference.startsWith('#'))) continue;
    refuseSchema(`${path}.${key}`, 'must point into the same schema, like "#/$defs/name"');
  }
}

function addChildren(schema: JsonObject, path: string, pending: Node[]): void {
  for (const key of MAPS_OF_SCHEMAS) {
    const map = schema[key];
    if (map === undefined) continue;
    if (!isJsonObject(map)) return refuseSchema(`${path}.${key}`, 'must be an object of schemas');
    for (const [name, child] of Object.entries(map))
      pending.push({ schema: child ?? null, path: `${path}.${key}.${name}` });
  }
  for (const key of LISTS_OF_SCHEMAS) {
    const list = schema[key];
    if (list === undefined) continue;
    if (!Array.isArray(list)) return refuseSchema(`${path}.${key}`, 'must be a list of schemas');
    addList(list, `${path}.${key}`, pending);
  }
  for (const key of SCHEMAS) {
    const child = schema[key];
    if (child === undefined) continue;
    if (Array.isArray(child)) addList(child, `${path}.${key}`, pending);
    else pending.push({ schema: child, path: `${path}.${key}` });
  }
}

function addList(list: JsonValue[], path: string, pending: Node[]): void {
  list.forEach((schema, index) => pending.push({ schema, path: `${path}[${String(index)}]` }));
}

function refuseSchema(path: string, problem: string): never {
  return refuse('invalid_schema', path, `\`${path}\` ${problem}.`);
}

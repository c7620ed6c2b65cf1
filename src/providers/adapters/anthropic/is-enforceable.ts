import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

const DEFINITION = '#/$defs/';
const ALTERNATIVES = ['anyOf', 'oneOf', 'allOf'];

/**
 * Tells whether the API's subset of JSON Schema says what the schema says. The API closes every object, so that one with
 * free names would come out empty; it takes no recursion, references to `$defs` only, and nothing beside alternatives. What
 * it cannot tell (a least length, a pattern) becomes part of a description there. A name of a property that is also a
 * keyword may make it say no: then the form is emulated, which takes anything.
 */
export function isEnforceable(schema: JsonObject): boolean {
  return areAllEnforceable(schema) && !isRecursive(schema);
}

function areAllEnforceable(value: JsonValue): boolean {
  const pending: JsonValue[] = [value];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    if (isJsonObject(each) && !isNodeEnforceable(each)) return false;
    if (!isJsonObject(each) && !Array.isArray(each)) continue;
    for (const child of Object.values(each)) if (child !== undefined) pending.push(child);
  }
  return true;
}

function isNodeEnforceable(node: JsonObject): boolean {
  const { additionalProperties = false, patternProperties, properties, type, $ref } = node;
  if (additionalProperties !== false || patternProperties !== undefined) return false;
  if (type === 'object' && !isJsonObject(properties)) return false;
  if (typeof $ref === 'string' && !$ref.startsWith(DEFINITION)) return false;
  return properties === undefined || !ALTERNATIVES.some((key) => Array.isArray(node[key]));
}

function isRecursive({ $defs }: JsonObject): boolean {
  if (!isJsonObject($defs)) return false;
  const targets = new Map(Object.entries($defs).map(([name, schema]) => [name, referencesIn(schema ?? null)]));
  const finished = new Set<string>();
  const visit = (name: string, path: ReadonlySet<string>): boolean => {
    if (path.has(name)) return true;
    if (finished.has(name)) return false;
    const within = new Set(path).add(name);
    for (const target of targets.get(name) ?? []) if (visit(target, within)) return true;
    finished.add(name);
    return false;
  };
  return [...targets.keys()].some((name) => visit(name, new Set()));
}

function referencesIn(value: JsonValue): Set<string> {
  const found = new Set<string>();
  const pending: JsonValue[] = [value];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    if (!isJsonObject(each) && !Array.isArray(each)) continue;
    for (const [key, child] of Object.entries(each)) {
      if (key === '$ref' && typeof child === 'string') found.add(child.slice(DEFINITION.length).split('/')[0] ?? '');
      else if (child !== undefined) pending.push(child);
    }
  }
  return found;
}

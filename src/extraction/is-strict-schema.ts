import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.js';

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'anyOf'],
  ...['title', 'description', '$ref', '$defs', '$schema'],
]);
const MOST_DEPTH = 5;

/**
 * Tells whether OpenAI's strict mode takes the schema, which then holds the model to it: every object names all of its
 * properties, requires each and allows no others, and nothing but a few keywords is used. It would refuse any other.
 */
export function isStrictSchema(root: JsonObject): boolean {
  return root.type === 'object' && root.anyOf === undefined && root.$ref === undefined && isStrict(root, 0);
}

function isStrict(schema: JsonValue | undefined, depth: number): boolean {
  if (!isJsonObject(schema) || depth > MOST_DEPTH) return false;
  if (!Object.keys(schema).every((key) => KEYWORDS.has(key)) || !saysWhat(schema)) return false;
  const { anyOf = [], items, $defs = {} } = schema;
  if (!isJsonObject($defs) || !Array.isArray(anyOf)) return false;
  const children = [...Object.values($defs), ...anyOf];
  if (!children.every((child) => isStrict(child, depth))) return false;
  return (items === undefined || isStrict(items, depth + 1)) && isClosed(schema, depth);
}

function saysWhat({ type, $ref, anyOf }: JsonObject): boolean {
  return type !== undefined || $ref !== undefined || anyOf !== undefined;
}

function isClosed(schema: JsonObject, depth: number): boolean {
  return namesOf(schema).length === 0 ? !isObjectType(schema.type) : isClosedObject(schema, depth);
}

function isClosedObject({ properties, required = [], additionalProperties }: JsonObject, depth: number): boolean {
  if (additionalProperties !== false || !Array.isArray(required) || !isJsonObject(properties)) return false;
  return Object.entries(properties).every(([name, child]) => required.includes(name) && isStrict(child, depth + 1));
}

function namesOf({ properties }: JsonObject): string[] {
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function isObjectType(type: JsonValue | undefined): boolean {
  return type === 'object' || (Array.isArray(type) && type.includes('object'));
}

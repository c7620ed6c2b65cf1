import { InvalidRequestError } from '../../../core/errors/app-error.js';
import { isJsonObject, type JsonValue } from '../../../core/json.js';
import type { Comparison, Filter, FilterValue } from './filter.js';
import { checkValue, parseField } from './parse-filter-field.js';

const MAX_DEPTH = 8;
const MAX_CONDITIONS = 100;
const MAX_VALUES = 1_000;

const COMPARISONS: Readonly<Record<string, Comparison>> = { gt: '>', gte: '>=', lt: '<', lte: '<=' };
const OPERATORS = ['and', 'or', 'not', 'eq', 'ne', 'in', ...Object.keys(COMPARISONS), 'exists'];

interface Place {
  readonly path: string;
  readonly depth: number;
  /** Shared by all conditions of a filter. */
  readonly seen: { conditions: number; values: number };
}

/**
 * The filter of a request's body, whose field is called `filter`. Throws `invalid_value` with the path of what is wrong and
 * how it should be.
 */
export function parseFilter(filter: unknown): Filter {
  return parseCondition(filter, { path: 'filter', depth: 1, seen: { conditions: 0, values: 0 } });
}

function parseCondition(condition: unknown, place: Place): Filter {
  const [operator, operand] = onlyEntry(condition, place);
  place.seen.conditions += 1;
  if (place.seen.conditions > MAX_CONDITIONS)
    throw wrong('filter', `has more than ${String(MAX_CONDITIONS)} conditions`);
  if (place.depth > MAX_DEPTH) throw wrong(place.path, `is nested deeper than ${String(MAX_DEPTH)} levels`);
  const inner = { ...place, path: `${place.path}.${operator}` };
  switch (operator) {
    case 'and':
    case 'or':
      return { type: operator, parts: parseParts(operand, inner) };
    case 'not':
      return { type: 'not', part: parseCondition(operand, { ...inner, depth: place.depth + 1 }) };
    case 'exists':
      return parseExists(operand, inner);
    case 'in':
      return parseIn(operand, inner);
    default:
      return parseComparison(operator, operand, inner);
  }
}

function onlyEntry(condition: unknown, { path }: Place): [string, JsonValue] {
  const entries = isJsonObject(condition) ? Object.entries(condition) : [];
  const [entry] = entries;
  if (!entry || entries.length > 1)
    throw wrong(path, `must be an object with one of ${OPERATORS.join(', ')} as its only key`);
  const [operator, operand] = entry;
  if (!OPERATORS.includes(operator)) {
    throw wrong(
      path,
      `has the unknown operator ${JSON.stringify(operator.slice(0, 50))}; known: ${OPERATORS.join(', ')}`,
    );
  }
  return [operator, operand ?? null];
}

function parseParts(operand: JsonValue, place: Place): Filter[] {
  if (!Array.isArray(operand) || operand.length === 0)
    throw wrong(place.path, 'must be a list of conditions that is not empty');
  return operand.map((part, index) =>
    parseCondition(part, { ...place, path: `${place.path}[${String(index)}]`, depth: place.depth + 1 }),
  );
}

function parseExists(operand: JsonValue, { path }: Place): Filter {
  const [name, isThere = true] = Array.isArray(operand) ? operand : [operand];
  const isWhole = !Array.isArray(operand) || (operand.length > 0 && operand.length <= 2);
  if (!isWhole || typeof isThere !== 'boolean') throw wrong(path, 'must be a field, such as "metadata.topic"');
  const exists: Filter = { type: 'exists', field: parseField(name, path) };
  return isThere ? exists : { type: 'not', part: exists };
}

function parseIn(operand: JsonValue, { path, seen }: Place): Filter {
  const [name, values] = pairOf(operand, path, '["metadata.topic", ["birds", "fish"]]');
  const field = parseField(name, `${path}[0]`);
  if (!Array.isArray(values) || values.length === 0)
    throw wrong(`${path}[1]`, 'must be a list of values that is not empty');
  seen.values += values.length;
  if (seen.values > MAX_VALUES) throw wrong('filter', `has more than ${String(MAX_VALUES)} values`);
  return {
    type: 'equals',
    field,
    values: values.map((value, index) => checkValue(field, value, `${path}[1][${String(index)}]`)),
  };
}

function parseComparison(operator: string, operand: JsonValue, { path }: Place): Filter {
  const [name, given] = pairOf(operand, path, '["metadata.topic", "birds"]');
  const field = parseField(name, `${path}[0]`);
  const value: FilterValue = checkValue(field, given, `${path}[1]`);
  const comparison = COMPARISONS[operator];
  if (comparison !== undefined) return { type: 'compare', field, comparison, value: requireOrdered(value, path) };
  const equals: Filter = { type: 'equals', field, values: [value] };
  return operator === 'ne' ? { type: 'not', part: equals } : equals;
}

function requireOrdered(value: FilterValue, path: string): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw wrong(`${path}[1]`, 'must be a number or a text: nothing else has an order');
}

function pairOf(operand: JsonValue, path: string, example: string): [JsonValue, JsonValue] {
  if (Array.isArray(operand) && operand.length === 2) return [operand[0] ?? null, operand[1] ?? null];
  throw wrong(path, `must be a field and what it is compared with, such as ${example}`);
}

function wrong(path: string, what: string): InvalidRequestError {
  return new InvalidRequestError('invalid_value', `\`${path}\` ${what}.`, { param: path });
}

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { linearPattern } from '../chat/structured/worker/linear-pattern.js';
import { isJsonObject, type JsonObject } from '../core/json.js';
import { setBounded } from '../core/set-bounded.js';
import { ToolFailure } from './server-tool.js';

const MOST_CHARACTERS = 1024 ** 2;
const MOST_PROBLEMS = 10;
const MOST_SCHEMAS = 500;

/** By the schema's text; null for one that cannot be compiled. */
const checks = new Map<string, ValidateFunction | null>();

/**
 * The arguments of a call, read from the text that the model wrote and held to the tool's schema. Throws ToolFailure with all
 * that is wrong. A schema that cannot be compiled is left to the tool.
 */
export function readArguments(text: string, schema: JsonObject): JsonObject {
  if (text.length > MOST_CHARACTERS) throw new ToolFailure('The arguments are too long.');
  const input = parse(text);
  const check = checkOf(schema);
  if (!check || check(input)) return input;
  const problems = (check.errors ?? []).slice(0, MOST_PROBLEMS).map(describe);
  throw new ToolFailure(`The arguments do not fit the tool: ${[...new Set(problems)].join('; ')}.`);
}

function parse(text: string): JsonObject {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ToolFailure('The arguments are not JSON. Send one JSON object.');
  }
  if (!isJsonObject(value)) throw new ToolFailure('The arguments must be one JSON object.');
  return value;
}

function checkOf(schema: JsonObject): ValidateFunction | null {
  const key = JSON.stringify(schema);
  const known = checks.get(key);
  if (known !== undefined) return known;
  const check = compile(schema);
  setBounded(checks, key, check, MOST_SCHEMAS);
  return check;
}

function compile(schema: JsonObject): ValidateFunction | null {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    addUsedSchema: false,
    code: { regExp: linearPattern },
  });
  try {
    // A dialect that it names is not known here, and makes no difference to what tools use.
    const { $schema: _, ...rest } = schema;
    return ajv.compile(rest);
  } catch {
    return null;
  }
}

function describe({ instancePath, message, keyword, params }: ErrorObject): string {
  const place = instancePath === '' ? 'they' : `\`${instancePath.slice(1)}\``;
  const unknown = (params as { additionalProperty?: string }).additionalProperty;
  if (keyword === 'additionalProperties' && unknown !== undefined) return `${place} must not have \`${unknown}\``;
  return `${place} ${message ?? 'are not valid'}`;
}

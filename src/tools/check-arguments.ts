import type { SchemaChecker } from '../chat/structured/schema-checker.service.js';
import type { JsonProblem } from '../chat/structured/worker/messages.js';
import { parseExactJson } from '../core/exact-json.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.js';
import { ToolFailure } from './server-tool.js';

const MOST_CHARACTERS = 1024 ** 2;
const MOST_PROBLEMS = 10;
/** What checks call the whole of the text. */
const ROOT = /^data\.?/u;

/**
 * The arguments of a call, read from the text that the model wrote and held to the tool's schema. Rejects with ToolFailure and
 * all that is wrong, and with `overloaded` when too many checks wait. A schema that is of no use is left to the tool.
 */
export async function readArguments(
  text: string,
  schema: JsonObject,
  checker: Pick<SchemaChecker, 'check'>,
  projectId: string,
): Promise<JsonObject> {
  if (text.length > MOST_CHARACTERS) throw new ToolFailure('The arguments are too long.');
  // Models write nothing where there is nothing to say.
  const written = text.trim() === '' ? '{}' : text;
  const input = parse(written);
  const check = await checker.check(schema, written, { projectId, feature: 'tools' });
  if (check.kind !== 'invalid') return input;
  const problems = check.problems.slice(0, MOST_PROBLEMS).map(describe);
  throw new ToolFailure(`The arguments do not fit the tool: ${problems.join('; ')}.`);
}

function parse(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = parseExactJson(text);
  } catch {
    throw new ToolFailure('The arguments are not JSON. Send one JSON object.');
  }
  if (!isJsonObject(value)) throw new ToolFailure('The arguments must be one JSON object.');
  return value;
}

function describe({ path, message }: JsonProblem): string {
  const place = path.replace(ROOT, '');
  return `${place === '' ? 'they' : `\`${place}\``} ${message}`;
}

import type { ToolChoice, ToolDefinition } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { checkJsonSchema } from '../check-json-schema.js';
import {
  readArray,
  readBoolean,
  readObject,
  readString,
  refuse,
  refuseType,
  requireObject,
  requireString,
} from '../read-parameters.js';

const MAX_TOOLS = 128;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** The tools of a request; `custom` ones have names but no canonical form, and `unknownPaths` says where they stand. */
export interface ParsedTools {
  definitions: ToolDefinition[];
  names: ReadonlySet<string>;
  unknownPaths: string[];
}

/** Reads `tools`: at most 128, with unique names of letters, digits, `_` and `-`. Null when there are none. */
export function parseTools(value: JsonValue | undefined, path: string): ParsedTools | null {
  const tools = readArray(value, path, MAX_TOOLS) ?? [];
  if (tools.length === 0) return null;
  const names = new Set<string>();
  const parsed: ParsedTools = { definitions: [], names, unknownPaths: [] };
  tools.forEach((tool, index) => {
    const here = `${path}[${String(index)}]`;
    if (!isJsonObject(tool)) return refuseType(here, 'an object', tool);
    const type = requireString(tool.type, `${here}.type`);
    if (type === 'custom') {
      const custom = requireObject(tool.custom, `${here}.custom`);
      addName(names, custom.name, `${here}.custom.name`);
      parsed.unknownPaths.push(here);
      return;
    }
    if (type !== 'function') refuse('invalid_value', `${here}.type`, `\`${here}.type\` must be function or custom.`);
    const definition = requireObject(tool.function, `${here}.function`);
    parsed.definitions.push(parseDefinition(definition, `${here}.function`, names));
  });
  return parsed;
}

function parseDefinition(value: JsonObject, path: string, names: Set<string>): ToolDefinition {
  const name = addName(names, value.name, `${path}.name`);
  const parameters = readObject(value.parameters, `${path}.parameters`);
  if (parameters) checkParameters(parameters, `${path}.parameters`);
  return {
    name,
    description: readString(value.description, `${path}.description`),
    parameters,
    strict: readBoolean(value.strict, `${path}.strict`),
  };
}

/** Throws `invalid_schema` for what cannot be the schema of a function's arguments. */
export function checkParameters(schema: JsonObject, path: string): void {
  checkJsonSchema(schema, path);
  if (schema.type !== undefined && schema.type !== 'object') {
    refuse('invalid_schema', `${path}.type`, `\`${path}.type\` must be object: arguments are passed by name.`);
  }
}

function addName(names: Set<string>, value: JsonValue | undefined, path: string): string {
  const name = requireString(value, path);
  if (!NAME.test(name)) {
    return refuse('invalid_value', path, `\`${path}\` must be 1 to 64 letters, digits, underscores or hyphens.`);
  }
  if (names.has(name))
    return refuse('invalid_value', path, `\`${path}\` is the name of another tool. Names must differ.`);
  names.add(name);
  return name;
}

/** Reads `tool_choice`. Throws `invalid_value` when it needs a tool that is not there. */
export function parseToolChoice(
  value: JsonValue | undefined,
  path: string,
  tools: ParsedTools | null,
): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return parseMode(value, path, tools);
  if (!isJsonObject(value)) return refuseType(path, 'a string or an object', value);
  const type = requireString(value.type, `${path}.type`);
  if (type === 'allowed_tools') {
    const allowed = requireObject(value.allowed_tools, `${path}.allowed_tools`);
    return parseMode(requireString(allowed.mode, `${path}.allowed_tools.mode`), `${path}.allowed_tools.mode`, tools);
  }
  if (type !== 'function' && type !== 'custom') {
    return refuse('invalid_value', `${path}.type`, `\`${path}.type\` must be function, custom or allowed_tools.`);
  }
  const named = requireObject(value[type], `${path}.${type}`);
  const name = requireString(named.name, `${path}.${type}.name`);
  if (tools?.names.has(name)) return { type: 'tool', name };
  return refuse(
    'invalid_value',
    `${path}.${type}.name`,
    `\`${path}\` names a tool that is not in \`tools\`. Add it there.`,
  );
}

function parseMode(mode: string, path: string, tools: ParsedTools | null): ToolChoice {
  if (mode === 'none' || mode === 'auto') return { type: mode };
  if (mode !== 'required')
    return refuse('invalid_value', path, `\`${path}\` must be none, auto, required or a named tool.`);
  return tools
    ? { type: 'required' }
    : refuse('invalid_value', path, `\`${path}\` is required, but there are no \`tools\`.`);
}

import type { ChatRequest, ToolDefinition } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
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
import type { Losses } from './losses.js';

const MOST_TOOLS = 2_000;
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/** The tools of a request: those that the client runs have definitions, all of them have names. */
export interface ParsedMessageTools {
  readonly definitions: ToolDefinition[];
  readonly names: ReadonlySet<string>;
}

/** Reads `tools`. Those that Anthropic runs or defines have no canonical form and are told as losses. Null without tools. */
export function parseMessageTools(value: JsonValue | undefined, losses: Losses): ParsedMessageTools | null {
  const tools = readArray(value, 'tools', MOST_TOOLS) ?? [];
  if (tools.length === 0) return null;
  const names = new Set<string>();
  const definitions: ToolDefinition[] = [];
  tools.forEach((tool, index) => {
    const path = `tools[${String(index)}]`;
    if (!isJsonObject(tool)) return refuseType(path, 'an object', tool);
    const type = readString(tool.type, `${path}.type`) ?? 'custom';
    if (type === 'custom') definitions.push(parseDefinition(tool, path, names));
    else {
      losses.add(`${path} (${type})`);
      if (typeof tool.name === 'string') names.add(tool.name);
    }
  });
  return { definitions, names };
}

function parseDefinition(tool: JsonObject, path: string, names: Set<string>): ToolDefinition {
  const name = requireString(tool.name, `${path}.name`);
  if (!NAME.test(name)) {
    const message = `\`${path}.name\` must be 1 to 128 letters, digits, underscores or hyphens.`;
    return refuse('invalid_value', `${path}.name`, message);
  }
  if (names.has(name)) {
    return refuse('invalid_value', `${path}.name`, `\`${path}.name\` is the name of another tool. Names must differ.`);
  }
  names.add(name);
  const parameters = requireObject(tool.input_schema, `${path}.input_schema`);
  if (parameters.type !== undefined && parameters.type !== 'object') {
    const message = `\`${path}.input_schema.type\` must be object: arguments are passed by name.`;
    return refuse('invalid_schema', `${path}.input_schema.type`, message);
  }
  return {
    name,
    description: readString(tool.description, `${path}.description`),
    parameters,
    strict: readBoolean(tool.strict, `${path}.strict`),
  };
}

/** Reads `tool_choice`. Throws `invalid_value` when it wants a tool that is not there. */
export function parseMessageToolChoice(
  value: JsonValue | undefined,
  tools: ParsedMessageTools | null,
  losses: Losses,
): Pick<ChatRequest, 'toolChoice' | 'parallelToolCalls'> {
  const choice = readObject(value, 'tool_choice');
  if (!choice) return {};
  const isSerial = readBoolean(choice.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use') ?? false;
  return { toolChoice: toChoice(choice, tools, losses), ...(isSerial && { parallelToolCalls: false }) };
}

function toChoice(choice: JsonObject, tools: ParsedMessageTools | null, losses: Losses): ChatRequest['toolChoice'] {
  const type = requireString(choice.type, 'tool_choice.type');
  switch (type) {
    case 'auto':
    case 'none':
      return { type };
    case 'any':
      if (!tools)
        return refuse('invalid_value', 'tool_choice', '`tool_choice` wants a tool, but there are no `tools`.');
      if (tools.definitions.length > 0) return { type: 'required' };
      losses.add('tool_choice');
      return undefined;
    case 'tool':
      return toNamedChoice(requireString(choice.name, 'tool_choice.name'), tools, losses);
    default:
      return refuse('invalid_value', 'tool_choice.type', '`tool_choice.type` must be auto, any, tool or none.');
  }
}

function toNamedChoice(name: string, tools: ParsedMessageTools | null, losses: Losses): ChatRequest['toolChoice'] {
  if (!tools?.names.has(name)) {
    const message = '`tool_choice` names a tool that is not in `tools`. Add it there.';
    return refuse('invalid_value', 'tool_choice.name', message);
  }
  if (tools.definitions.some((tool) => tool.name === name)) return { type: 'tool', name };
  losses.add('tool_choice');
  return undefined;
}

import type { ToolDefinition } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { checkParameters } from '../openai-chat/parse-tools.js';
import {
  readArray,
  readBoolean,
  readObject,
  readString,
  refuse,
  refuseType,
  requireString,
} from '../read-parameters.js';
import { modelNameOf, type NamedTool } from './tool-names.js';

const MAX_TOOLS = 128;
/** With those in namespaces. */
const MAX_ALL_TOOLS = 1_024;
const NAME = /^[A-Za-z0-9_-]{1,128}$/;
const MAX_NAMESPACE_CHARACTERS = 256;
/** What a function is told that stands for a tool with free text. */
const CUSTOM_PARAMETERS: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool as plain text.' } },
  required: ['input'],
  additionalProperties: false,
};

/** The tools of a request; `lost` says where those stand that only OpenAI knows. */
export interface ParsedTools {
  readonly definitions: ToolDefinition[];
  readonly names: Map<string, NamedTool>;
  readonly lost: string[];
}

/**
 * Reads `tools`. A tool with free text becomes a function with one text; what stands in a namespace has it before its name;
 * types that only OpenAI runs itself are left to it.
 */
export function parseTools(value: JsonValue | undefined, path: string): ParsedTools {
  const parsed: ParsedTools = { definitions: [], names: new Map(), lost: [] };
  readTools(value, path, parsed);
  return parsed;
}

function readTools(value: JsonValue | undefined, path: string, parsed: ParsedTools, namespace?: string): void {
  for (const [index, tool] of (readArray(value, path, MAX_TOOLS) ?? []).entries()) {
    const here = `${path}[${String(index)}]`;
    if (!isJsonObject(tool)) return refuseType(here, 'an object', tool);
    const type = requireString(tool.type, `${here}.type`);
    if (type === 'function' || type === 'custom')
      addTool({ kind: type, ...placeOf(tool, here, namespace) }, tool, here, parsed);
    else if (type === 'namespace' && namespace === undefined) readNamespace(tool, here, parsed);
    else parsed.lost.push(`${here} (${type})`);
  }
}

function readNamespace(tool: JsonObject, path: string, parsed: ParsedTools): void {
  const name = requireString(tool.name, `${path}.name`);
  if (name === '' || name.length > MAX_NAMESPACE_CHARACTERS) {
    const most = String(MAX_NAMESPACE_CHARACTERS);
    refuse('invalid_value', `${path}.name`, `\`${path}.name\` must have 1 to ${most} characters.`);
  }
  readString(tool.description, `${path}.description`);
  readTools(tool.tools, `${path}.tools`, parsed, name);
}

function placeOf(tool: JsonObject, path: string, namespace: string | undefined): Omit<NamedTool, 'kind'> {
  const name = requireString(tool.name, `${path}.name`);
  if (!NAME.test(name)) {
    const message = `\`${path}.name\` must be 1 to 128 letters, digits, underscores or hyphens.`;
    refuse('invalid_value', `${path}.name`, message);
  }
  return namespace === undefined ? { name } : { name, namespace };
}

function addTool(named: NamedTool, tool: JsonObject, path: string, { definitions, names, lost }: ParsedTools): void {
  const name = modelNameOf(named.name, named.namespace);
  if (names.has(name)) {
    refuse('invalid_value', `${path}.name`, `\`${path}.name\` is the name of another tool. Names must differ.`);
  }
  if (names.size >= MAX_ALL_TOOLS) {
    refuse('array_too_long', path, `At most ${String(MAX_ALL_TOOLS)} tools are possible, with those in namespaces.`);
  }
  names.set(name, named);
  const description = readString(tool.description, `${path}.description`);
  if (named.kind === 'custom') definitions.push(readCustom(name, tool, { path, description, lost }));
  else definitions.push({ name, description, ...readFunction(tool, path) });
  for (const option of ['defer_loading', 'allowed_callers']) {
    if (tool[option] !== undefined && tool[option] !== null && tool[option] !== false) lost.push(`${path}.${option}`);
  }
}

function readFunction(tool: JsonObject, path: string): Pick<ToolDefinition, 'parameters' | 'strict'> {
  const parameters = readObject(tool.parameters, `${path}.parameters`);
  if (parameters) checkParameters(parameters, `${path}.parameters`);
  return { parameters, strict: readBoolean(tool.strict, `${path}.strict`) };
}

// Nobody else can hold a model to a grammar; it is told of it.
function readCustom(
  name: string,
  tool: JsonObject,
  { path, description, lost }: { path: string; description: string | undefined; lost: string[] },
): ToolDefinition {
  const format = readObject(tool.format, `${path}.format`);
  if (format?.type !== 'grammar') return { name, description, parameters: CUSTOM_PARAMETERS };
  const syntax = requireString(format.syntax, `${path}.format.syntax`);
  const grammar = requireString(format.definition, `${path}.format.definition`);
  lost.push(`${path}.format`);
  const told = `\`input\` has to follow this grammar (${syntax}):\n${grammar}`;
  return {
    name,
    description: description === undefined ? told : `${description}\n\n${told}`,
    parameters: CUSTOM_PARAMETERS,
  };
}

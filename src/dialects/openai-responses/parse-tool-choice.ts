import type { ToolChoice } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { readArray, readString, refuse, refuseType, requireString } from '../read-parameters.js';
import type { ParsedTools } from './parse-tools.js';
import { modelNameOf } from './tool-names.js';

const MAX_ALLOWED = 1_024;

/** A choice among tools as models other than OpenAI's are told it. */
export interface ParsedToolChoice {
  readonly choice?: ToolChoice;
  /** The names, as models are told them, of the only tools that may be called. */
  readonly allowed?: ReadonlySet<string>;
  /** What of the choice only OpenAI understands. */
  readonly lost: readonly string[];
}

const NOTHING: ParsedToolChoice = { lost: [] };

/** Reads `tool_choice`. Throws `invalid_value` when it needs a function that is not there. */
export function parseToolChoice(value: JsonValue | undefined, path: string, tools: ParsedTools): ParsedToolChoice {
  if (value === undefined || value === null) return NOTHING;
  if (typeof value === 'string') return toMode(value, path, tools);
  if (!isJsonObject(value)) return refuseType(path, 'a string or an object', value);
  const type = requireString(value.type, `${path}.type`);
  if (type === 'allowed_tools') return readAllowed(value, path, tools);
  if (type !== 'function' && type !== 'custom') return { lost: [`${path} (${type})`] };
  const name = modelNameOfChoice(value, path);
  if (tools.names.has(name)) return { choice: { type: 'tool', name }, lost: [] };
  return refuse('invalid_value', `${path}.name`, `\`${path}\` names a tool that is not in \`tools\`. Add it there.`);
}

function toMode(mode: string, path: string, tools: ParsedTools): ParsedToolChoice {
  if (mode === 'none' || mode === 'auto') return { choice: { type: mode }, lost: [] };
  if (mode !== 'required') {
    return refuse('invalid_value', path, `\`${path}\` must be none, auto, required, or name a tool.`);
  }
  if (tools.names.size > 0) return { choice: { type: 'required' }, lost: [] };
  if (tools.lost.length > 0) return { lost: [path] };
  return refuse('invalid_value', path, `\`${path}\` is required, but there are no \`tools\`.`);
}

function readAllowed(value: JsonObject, path: string, tools: ParsedTools): ParsedToolChoice {
  const mode = requireString(value.mode, `${path}.mode`);
  if (mode !== 'auto' && mode !== 'required') {
    return refuse('invalid_value', `${path}.mode`, `\`${path}.mode\` must be auto or required.`);
  }
  const allowed = new Set<string>();
  const lost: string[] = [];
  for (const [index, tool] of (readArray(value.tools, `${path}.tools`, MAX_ALLOWED) ?? []).entries()) {
    const here = `${path}.tools[${String(index)}]`;
    if (!isJsonObject(tool)) return refuseType(here, 'an object', tool);
    const name = tool.type === 'function' || tool.type === 'custom' ? modelNameOfChoice(tool, here) : null;
    if (name !== null && tools.names.has(name)) allowed.add(name);
    else lost.push(here);
  }
  // None of them is a tool that others know: they may call none.
  if (allowed.size === 0) return { choice: { type: 'none' }, lost };
  return { choice: { type: mode }, allowed, lost };
}

function modelNameOfChoice(value: JsonObject, path: string): string {
  const namespace = readString(value.namespace, `${path}.namespace`);
  return modelNameOf(requireString(value.name, `${path}.name`), namespace);
}

import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { ResponsesRequest } from './responses-request.js';

// The schema of a response knows no others.
const TOOL_TYPES: ReadonlySet<string> = new Set([
  ...['file_search', 'computer', 'computer_use_preview', 'web_search', 'web_search_2025_08_26', 'mcp'],
  ...['code_interpreter', 'image_generation', 'local_shell', 'shell', 'custom', 'namespace', 'tool_search'],
  ...['web_search_preview', 'web_search_preview_2025_03_11', 'apply_patch', 'programmatic_tool_calling'],
]);
const CHOICE_TYPES: ReadonlySet<string> = new Set([
  ...['allowed_tools', 'file_search', 'web_search_preview', 'computer', 'computer_use_preview', 'computer_use'],
  ...['web_search_preview_2025_03_11', 'image_generation', 'code_interpreter', 'function', 'mcp', 'custom'],
  ...['programmatic_tool_calling', 'apply_patch', 'shell'],
]);
const TIERS: ReadonlySet<JsonValue | undefined> = new Set([
  'default',
  'flex',
  'scale',
  'priority',
  'fast',
  'ultrafast',
]);
const RETENTIONS: ReadonlySet<JsonValue | undefined> = new Set(['in_memory', '24h']);

// What OpenAI says of parameters that were not sent.
const DEFAULTS: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  prompt_cache_key: null,
  safety_identifier: null,
  temperature: 1,
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
};

/** What a response repeats of its request, with OpenAI's defaults for what was not said. */
export function echoRequest(request: ResponsesRequest): JsonObject {
  const { chat, store, isBackground, previousResponseId, conversationId } = request;
  const body = chat.source?.body ?? {};
  const said = Object.fromEntries(Object.entries(DEFAULTS).map(([name, usual]) => [name, body[name] ?? usual]));
  return {
    background: isBackground,
    conversation: conversationId === undefined ? null : { id: conversationId },
    ...said,
    previous_response_id: previousResponseId ?? null,
    ...(RETENTIONS.has(body.prompt_cache_retention) && { prompt_cache_retention: body.prompt_cache_retention }),
    reasoning: { effort: null, summary: null, ...(isJsonObject(body.reasoning) && body.reasoning) },
    service_tier: TIERS.has(body.service_tier) ? body.service_tier : 'default',
    store,
    text: echoText(body.text),
    tool_choice: echoChoice(body.tool_choice),
    tools: Array.isArray(body.tools) ? body.tools.flatMap(echoTool) : [],
    ...(typeof body.user === 'string' && { user: body.user }),
  };
}

function echoText(text: JsonValue | undefined): JsonObject {
  const { format, ...rest } = isJsonObject(text) ? text : {};
  return {
    verbosity: 'medium',
    ...withoutNulls(rest),
    format: isJsonObject(format) ? echoFormat(format) : { type: 'text' },
  };
}

function echoFormat(format: JsonObject): JsonObject {
  return format.type === 'json_schema' ? { schema: {}, ...withoutNulls(format) } : format;
}

function echoChoice(choice: JsonValue | undefined): JsonValue {
  if (typeof choice === 'string') return choice;
  if (!isJsonObject(choice) || typeof choice.type !== 'string' || !CHOICE_TYPES.has(choice.type)) return 'auto';
  return choice;
}

function echoTool(tool: JsonValue): JsonObject[] {
  if (!isJsonObject(tool) || typeof tool.type !== 'string') return [];
  if (tool.type === 'function')
    return [{ ...withoutNulls(tool), parameters: tool.parameters ?? null, strict: tool.strict ?? null }];
  return TOOL_TYPES.has(tool.type) ? [withoutNulls(tool)] : [];
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
}

import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.js';
import { checkMessages } from './check-messages.js';
import { checkModelRules } from './model-rules.js';
import { wordOf } from './word-of.js';

const FIELDS = new Set([
  ...['model', 'messages', 'max_tokens', 'system', 'stream', 'stop_sequences', 'temperature', 'top_p', 'top_k'],
  ...['tools', 'tool_choice', 'thinking', 'output_config', 'metadata', 'service_tier', 'cache_control', 'container'],
  ...['inference_geo', 'speed', 'diagnostics', 'context_management', 'mcp_servers', 'fallbacks'],
]);

const LEAST_BUDGET = 1024;
const MOST_MARKS = 4;
const MOST_USER_CHARACTERS = 256;

/** What the API would say against a request for a message; null when it would take it. `betas` is its header. */
export function checkRequest(body: JsonObject, betas: string, combinesTurns = false): string | null {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return `${unknown}: Extra inputs are not permitted`;
  return (
    checkShape(body) ??
    checkTexts(body) ??
    checkMarks(body) ??
    checkSampling(body) ??
    checkTools(body) ??
    checkThinking(body, betas) ??
    checkMessages(body, combinesTurns) ??
    checkModelRules(body)
  );
}

function checkShape({ model, max_tokens, messages }: JsonObject): string | null {
  if (typeof model !== 'string') return 'model: Field required';
  if (typeof max_tokens !== 'number') return 'max_tokens: Field required';
  if (!Number.isInteger(max_tokens) || max_tokens < 1) return 'max_tokens: Input should be greater than or equal to 1';
  if (!Array.isArray(messages)) return 'messages: Field required';
  return messages.length === 0 ? 'messages: at least one message is required' : null;
}

function checkTexts({ stop_sequences, metadata, system }: JsonObject): string | null {
  const stops = Array.isArray(stop_sequences) ? stop_sequences : [];
  if (stops.some((stop) => wordOf(stop).trim() === '')) {
    return 'stop_sequences: each stop sequence must contain non-whitespace';
  }
  if (isJsonObject(metadata) && wordOf(metadata.user_id).length > MOST_USER_CHARACTERS) {
    return `metadata.user_id: String should have at most ${String(MOST_USER_CHARACTERS)} characters`;
  }
  const texts = Array.isArray(system) ? system : [];
  const isEmpty = texts.some((block) => isJsonObject(block) && wordOf(block.text).trim() === '');
  return isEmpty ? 'system: text content blocks must contain non-whitespace text' : null;
}

function checkMarks(body: JsonObject): string | null {
  const marks = countMarks(body);
  if (marks <= MOST_MARKS) return null;
  return `A maximum of ${String(MOST_MARKS)} blocks with cache_control may be provided. Found ${String(marks)}.`;
}

function countMarks(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMarks(item), 0);
  if (!isJsonObject(value)) return 0;
  const own = isJsonObject(value.cache_control) ? 1 : 0;
  const { cache_control: _, input: _input, input_schema: _schema, ...rest } = value;
  return own + Object.values(rest).reduce<number>((sum, item) => sum + countMarks(item), 0);
}

function checkSampling({ temperature, top_p }: JsonObject): string | null {
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 1)) return 'temperature: range: 0..1';
  return typeof top_p === 'number' && (top_p < 0 || top_p > 1) ? 'top_p: range: 0..1' : null;
}

function checkTools({ tools, tool_choice: choice }: JsonObject): string | null {
  const list = Array.isArray(tools) ? tools.filter(isJsonObject) : [];
  for (const [index, tool] of list.entries()) {
    const problem = checkTool(tool, index);
    if (problem !== null) return problem;
  }
  if (!isJsonObject(choice)) return null;
  if (list.length === 0) return 'tool_choice: tool_choice may only be specified while providing tools.';
  if (choice.type !== 'tool' || list.some((tool) => tool.name === choice.name)) return null;
  return `tool_choice.tool.name: Tool '${wordOf(choice.name)}' not found in provided tools`;
}

function checkTool({ name, input_schema: schema }: JsonObject, index: number): string | null {
  const path = `tools.${String(index)}.custom`;
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(name)) {
    return `${path}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
  }
  if (!isJsonObject(schema)) return `${path}.input_schema: Field required`;
  if (schema.type !== 'object') return `${path}.input_schema.type: Input should be 'object'`;
  if (!['oneOf', 'allOf', 'anyOf'].some((key) => key in schema)) return null;
  return `${path}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`;
}

function checkThinking(body: JsonObject, betas: string): string | null {
  const { thinking, max_tokens } = body;
  if (!isJsonObject(thinking)) return null;
  if (thinking.block_binding !== undefined && !betas.includes('thinking-binding-controls-2026-08-01')) {
    return 'thinking.block_binding: Extra inputs are not permitted';
  }
  if (thinking.type !== 'enabled') return thinking.type === 'adaptive' ? checkBesideThinking(body) : null;
  const budget = typeof thinking.budget_tokens === 'number' ? thinking.budget_tokens : 0;
  if (budget < LEAST_BUDGET) return 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024';
  if (budget >= (max_tokens as number)) return '`max_tokens` must be greater than `thinking.budget_tokens`.';
  return checkBesideThinking(body);
}

function checkBesideThinking({ tool_choice: choice, temperature, top_k }: JsonObject): string | null {
  if (isJsonObject(choice) && (choice.type === 'any' || choice.type === 'tool')) {
    return 'Thinking may not be enabled when tool_choice forces tool use.';
  }
  if (temperature !== undefined && temperature !== 1) {
    return '`temperature` may only be set to 1 when thinking is enabled.';
  }
  return top_k === undefined ? null : '`top_k` must be unset when thinking is enabled.';
}

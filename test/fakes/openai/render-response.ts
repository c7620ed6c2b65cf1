import { totalInputTokens, totalOutputTokens, type TokenUsage } from '../../../src/core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.js';
import type { Frame } from '../frame.js';
import type { CompleteReply } from '../scripted-reply.js';
import { responseItems, type ScriptedItem } from './response-items.js';

/** What tells one response from another. */
export interface ResponseEnvelope {
  id: string;
  createdAt: number;
  model: string;
}

/** The `usage` object of the Responses API: totals that include their details. */
export function responseUsage(usage: TokenUsage): JsonObject {
  const input = totalInputTokens(usage);
  const output = totalOutputTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cachedInput, cache_write_tokens: usage.cacheWrite5m },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + output,
  };
}

/** A whole `response`. */
export function renderResponse(reply: CompleteReply, envelope: ResponseEnvelope, request: JsonObject): JsonObject {
  const items = responseItems(reply, envelope.id, request);
  return endOf(reply, items, baseOf(envelope, request));
}

/** The events of a streamed response, from `response.created` to the one that ends it. */
export function renderResponseEvents(reply: CompleteReply, envelope: ResponseEnvelope, request: JsonObject): Frame[] {
  const items = responseItems(reply, envelope.id, request);
  const base = baseOf(envelope, request);
  const whole = endOf(reply, items, base);
  const frames: Frame[] = [];
  const add = (kind: Frame['kind'], type: string, rest: JsonObject): void => {
    frames.push({ kind, event: type, data: JSON.stringify({ type, sequence_number: frames.length, ...rest }) });
  };
  add('open', 'response.created', { response: base });
  add('open', 'response.in_progress', { response: base });
  for (const [index, item] of items.entries()) {
    const addOf = item.kind === 'call' ? 'content' : 'open';
    add(addOf, 'response.output_item.added', { output_index: index, item: item.begun });
    for (const { kind, type, rest } of item.steps) {
      add(kind, type, { item_id: item.begun.id, output_index: index, ...rest });
    }
    add('other', 'response.output_item.done', { output_index: index, item: item.whole });
  }
  add('finish', whole.status === 'completed' ? 'response.completed' : 'response.incomplete', { response: whole });
  return frames;
}

function endOf(reply: CompleteReply, items: readonly ScriptedItem[], base: JsonObject): JsonObject {
  const reason = incompleteReason(reply);
  return {
    ...base,
    status: reason === null ? 'completed' : 'incomplete',
    incomplete_details: reason === null ? null : { reason },
    output: items.map((item) => item.whole),
    usage: responseUsage(reply.usage),
  };
}

function incompleteReason({ rawFinishReason, finishReason }: CompleteReply): string | null {
  if (rawFinishReason !== undefined) return rawFinishReason === 'completed' ? null : rawFinishReason;
  if (finishReason === 'length') return 'max_output_tokens';
  return finishReason === 'content-filter' ? 'content_filter' : null;
}

// What a response says again of its request, and what it says where that was silent.
const ECHOED: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  parallel_tool_calls: true,
  previous_response_id: null,
  store: true,
  temperature: 1,
  tool_choice: 'auto',
  top_p: 1,
  truncation: 'disabled',
  metadata: {},
};

function baseOf({ id, createdAt, model }: ResponseEnvelope, request: JsonObject): JsonObject {
  const { reasoning, text, tools } = request;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    model,
    output: [],
    service_tier: 'default',
    reasoning: { effort: null, summary: null, ...(isJsonObject(reasoning) && reasoning) },
    text: { format: { type: 'text' }, ...(isJsonObject(text) && text) },
    tools: Array.isArray(tools) ? tools.map(toolEcho) : [],
    ...Object.fromEntries(Object.entries(ECHOED).map(([name, value]) => [name, request[name] ?? value])),
  };
}

function toolEcho(tool: JsonValue): JsonValue {
  return isJsonObject(tool) && tool.type === 'function' ? { parameters: null, strict: true, ...tool } : tool;
}

import type { ChatChoice, ChatResult, ChatToolResult } from '../../core/chat/chat-result.js';
import type { JsonObject } from '../../core/json.js';
import { renderToolCalls } from '../openai-chat/render-result.js';
import {
  mergeWarnings,
  type NativeAnswerFacts,
  renderNativeUsage,
  toNativeFinishReason,
  toNumber,
} from './native-answer.js';

/** The answer of `POST /v1/chat`. `content` and `reply` are the same text; a refusal is text too. */
export function renderNativeResult(result: ChatResult, facts: NativeAnswerFacts): JsonObject {
  const choice = result.choices[0];
  const text = choice ? choice.text + (choice.refusal ?? '') : '';
  const answer: JsonObject = { content: text, reply: text };
  const reasoning = (choice?.reasoning ?? []).map((block) => block.text).join('');
  const warnings = mergeWarnings(facts.warnings, result.warnings);
  if (choice) addToolCalls(answer, choice, result.toolResults ?? []);
  if (reasoning !== '') answer.reasoning = reasoning;
  if (warnings.length > 0) answer.warnings = warnings;
  return {
    ...answer,
    model: result.model,
    provider: facts.provider,
    conversation_id: facts.conversationId,
    finish_reason: toNativeFinishReason(choice?.finishReason ?? null),
    usage: renderNativeUsage(result.usage),
    cost_usd: toNumber(facts.costUsd),
    latency_ms: facts.latencyMs,
    cached: facts.isCached,
    request_id: facts.requestId,
  };
}

// What the client has to run stands in `tool_calls`; what was run here has a result, and is told for its own sake.
function addToolCalls(answer: JsonObject, { toolCalls }: ChatChoice, results: readonly ChatToolResult[]): void {
  const open = toolCalls.filter(({ id }) => !results.some((result) => result.id === id));
  if (open.length > 0) answer.tool_calls = renderToolCalls(open);
  if (results.length === 0) return;
  answer.tool_results = results.map(({ id, name, content, isError }) => {
    const call = toolCalls.find((each) => each.id === id);
    return { id, name, arguments: call?.arguments ?? '', content, is_error: isError };
  });
}

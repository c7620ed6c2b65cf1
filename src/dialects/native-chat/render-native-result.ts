import type { ChatResult } from '../../core/chat/chat-result.js';
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
  if (choice && choice.toolCalls.length > 0) answer.tool_calls = renderToolCalls(choice.toolCalls);
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
    cached: false,
    request_id: facts.requestId,
  };
}

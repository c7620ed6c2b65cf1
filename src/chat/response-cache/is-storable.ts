import type { Attempt } from '../../core/attempt.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { ChatChoice, ChatResult, ChatToolCall } from '../../core/chat/chat-result.js';
import { isJsonObject } from '../../core/json.js';

/**
 * Whether an answer is good enough to be given again: all of its choices ended by themselves, with something said, no refusal
 * and no filter, every tool call one that can be made, and JSON where JSON was asked for.
 */
export function isStorable({ choices }: ChatResult, request: ChatRequest): boolean {
  const wanted = request.choices ?? 1;
  return choices.length === wanted && choices.every((choice) => isGood(choice, request));
}

/**
 * Whether it is one answer, read whole: somebody was asked for it, none of it was passed over as malformed, and no attempt
 * wrote the rest of another.
 */
export function isOfOnePiece(attempts: readonly Attempt[]): boolean {
  const hasBroken = attempts.some(({ outcome, firstContentMs }) => outcome === 'failed' && firstContentMs !== null);
  return attempts.length > 0 && !hasBroken && attempts.every(({ hasGaps }) => hasGaps !== true);
}

function isGood(choice: ChatChoice, request: ChatRequest): boolean {
  const { finishReason, refusal = '', text, toolCalls } = choice;
  if (finishReason !== 'stop' && finishReason !== 'tool-calls') return false;
  if (refusal !== '' || !toolCalls.every((call) => isCallable(call, request))) return false;
  if (toolCalls.length > 0) return true;
  return text !== '' && (!wantsJson(request) || parse(text) !== undefined);
}

function isCallable({ id, name, arguments: text }: ChatToolCall, { tools = [] }: ChatRequest): boolean {
  return id !== '' && tools.some((tool) => tool.name === name) && isJsonObject(parse(text));
}

function wantsJson({ responseFormat }: ChatRequest): boolean {
  return responseFormat !== undefined && responseFormat.type !== 'text';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

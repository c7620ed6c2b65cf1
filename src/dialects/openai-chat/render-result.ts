import type { ChatChoice, ChatResult, ChatToolCall } from '../../core/chat/chat-result.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { toAnswerHead } from './answer-head.js';
import { toOpenAiFinishReason } from './finish-reasons.js';
import { renderOpenAiUsage } from './render-usage.js';

/** A `chat.completion` object: the provider's own when it spoke this dialect and nothing changed it, else ours. */
export function renderChatResult(result: ChatResult): JsonObject {
  const relayed = relayedReply(result);
  if (relayed) return relayed;
  const { id, created, model } = toAnswerHead(result);
  const reply: JsonObject = {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: result.choices.map(renderChoice),
  };
  if (result.usage) reply.usage = renderOpenAiUsage(result.usage);
  return reply;
}

/** Tool calls as they stand in a message. */
export function renderToolCalls(calls: readonly ChatToolCall[]): JsonObject[] {
  return calls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
}

// Some compatible servers leave out members that the schema demands; those are filled in, the rest stays as it came.
function relayedReply(result: ChatResult): JsonObject | null {
  const value = result.wire?.dialect === 'openai-chat' ? result.wire.value : null;
  if (!isJsonObject(value) || !Array.isArray(value.choices) || value.object === 'chat.completion.chunk') return null;
  const choices = value.choices;
  if (!choices.every((choice) => isJsonObject(choice) && isJsonObject(choice.message))) return null;
  const head = isHead(value) ? null : toAnswerHead(result);
  const needsHelp = choices.some((choice) => !isCompleteChoice(choice as JsonObject));
  if (!head && !needsHelp) return value;
  return {
    ...value,
    ...(head && { object: 'chat.completion', ...head }),
    choices: choices.map((choice, index) => completeChoice(choice as JsonObject, index)),
  };
}

function isHead(value: JsonObject): boolean {
  return (
    typeof value.id === 'string' &&
    typeof value.created === 'number' &&
    typeof value.model === 'string' &&
    value.object === 'chat.completion'
  );
}

function isCompleteChoice(choice: JsonObject): boolean {
  const message = choice.message as JsonObject;
  return (
    choice.logprobs !== undefined &&
    typeof choice.index === 'number' &&
    typeof choice.finish_reason === 'string' &&
    message.refusal !== undefined &&
    message.content !== undefined &&
    message.role !== undefined
  );
}

function completeChoice(choice: JsonObject, index: number): JsonObject {
  const message = { role: 'assistant', content: null, refusal: null, ...(choice.message as JsonObject) };
  const finishReason: JsonValue = typeof choice.finish_reason === 'string' ? choice.finish_reason : 'stop';
  return { logprobs: null, index, ...choice, finish_reason: finishReason, message };
}

function renderChoice(choice: ChatChoice): JsonObject {
  const message: JsonObject = {
    role: 'assistant',
    content: choice.text === '' && hasOtherContent(choice) ? null : choice.text,
    refusal: choice.refusal ?? null,
  };
  const reasoning = choice.reasoning.map((block) => block.text).join('');
  if (reasoning !== '') message.reasoning_content = reasoning;
  if (choice.toolCalls.length > 0) message.tool_calls = renderToolCalls(choice.toolCalls);
  return {
    index: choice.index,
    message,
    logprobs: choice.logprobs ? { content: choice.logprobs as JsonValue[], refusal: null } : null,
    finish_reason: toOpenAiFinishReason(choice.finishReason),
  };
}

function hasOtherContent(choice: ChatChoice): boolean {
  return choice.toolCalls.length > 0 || choice.refusal !== undefined;
}

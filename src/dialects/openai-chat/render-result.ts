import type { ChatChoice, ChatResult, ChatToolCall } from '../../core/chat/chat-result.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { toAnswerHead, toRelayedHead } from './answer-head.js';
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
  const choices = choicesOf(value);
  if (!isJsonObject(value) || !choices) return null;
  const head = isHead(value) ? null : toRelayedHead(value, result);
  const usage = countedUsage(result);
  if (!head && !usage && choices.every(isCompleteChoice)) return value;
  return {
    ...value,
    ...(head && { object: 'chat.completion', ...head }),
    choices: choices.map((choice, index) => completeChoice(choice, index, result)),
    ...(usage && { usage }),
  };
}

// Null when the usage is the provider's own, which stands in its reply.
function countedUsage({ usage }: ChatResult): JsonObject | null {
  return usage?.estimated === true ? renderOpenAiUsage(usage) : null;
}

// Null when this is no whole reply.
function choicesOf(value: unknown): JsonObject[] | null {
  if (!isJsonObject(value) || value.object === 'chat.completion.chunk') return null;
  const { choices } = value;
  const isWhole = (choice: JsonValue): choice is JsonObject => isJsonObject(choice) && isJsonObject(choice.message);
  return Array.isArray(choices) && choices.every(isWhole) ? choices : null;
}

function isHead(value: JsonObject): boolean {
  return (
    typeof value.id === 'string' &&
    Number.isSafeInteger(value.created) &&
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

function completeChoice(choice: JsonObject, position: number, { choices }: ChatResult): JsonObject {
  const message = { role: 'assistant', content: null, refusal: null, ...(choice.message as JsonObject) };
  const index = typeof choice.index === 'number' ? choice.index : position;
  const read = choices.find((candidate) => candidate.index === index);
  const finishReason: JsonValue =
    typeof choice.finish_reason === 'string' ? choice.finish_reason : toOpenAiFinishReason(read?.finishReason ?? null);
  return { logprobs: null, ...choice, index, finish_reason: finishReason, message };
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

import { carrySignature } from '../../core/chat/carried-signature.js';
import type { ChatChoice, ChatResult, ChatToolCall } from '../../core/chat/chat-result.js';
import { parseExactJson } from '../../core/exact-json.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { renderHead } from './message-head.js';
import { renderMessageUsage } from './render-usage.js';
import { renderStop } from './stop-reason.js';

/** A `message`: the provider's own when it spoke this dialect and nothing changed it, else ours. */
export function renderMessage(result: ChatResult): JsonObject {
  const relayed = relayedMessage(result);
  if (relayed) return relayed;
  const [choice] = result.choices;
  return {
    ...renderHead(result),
    content: choice ? renderContent(choice) : [],
    ...renderStop({
      finishReason: choice?.finishReason ?? null,
      rawFinishReason: choice?.rawFinishReason,
      stopSequence: choice?.stopSequence,
      hasToolCalls: choice !== undefined && choice.toolCalls.length > 0,
      hasRefusal: choice?.refusal !== undefined && choice.refusal !== '',
    }),
    usage: renderMessageUsage(result.usage),
  };
}

/** Whether an object on the wire is a whole message of this dialect. */
export function isWholeMessage(value: unknown): value is JsonObject {
  return isJsonObject(value) && value.type === 'message' && Array.isArray(value.content);
}

// A usage that was counted here replaces whatever the provider said.
function relayedMessage({ wire, usage }: ChatResult): JsonObject | null {
  if (wire?.dialect !== 'anthropic-messages' || !isWholeMessage(wire.value)) return null;
  return usage?.estimated === true ? { ...wire.value, usage: renderMessageUsage(usage) } : wire.value;
}

function renderContent({ reasoning, text, refusal = '', toolCalls }: ChatChoice): JsonObject[] {
  const content: JsonObject[] = reasoning
    .filter((thought) => thought.text !== '' || thought.signature !== undefined || thought.redacted !== undefined)
    .map(renderThought);
  for (const words of [text, refusal]) if (words !== '') content.push({ type: 'text', text: words, citations: null });
  return [...content, ...toolCalls.map(renderToolUse)];
}

function renderThought({ text, signature = '', redacted, signedBy }: ChatChoice['reasoning'][number]): JsonObject {
  if (redacted !== undefined) return { type: 'redacted_thinking', data: carrySignature(redacted, signedBy) };
  return { type: 'thinking', thinking: text, signature: signature && carrySignature(signature, signedBy) };
}

function renderToolUse({ id, name, arguments: text }: ChatToolCall): JsonObject {
  return { type: 'tool_use', id, name, input: toInput(text) };
}

// A whole message has room for an object only; what a model wrote instead is not lost.
function toInput(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value = parseExactJson(text);
    if (isJsonObject(value)) return value;
  } catch {
    // As for JSON that is no object.
  }
  return { arguments: text };
}

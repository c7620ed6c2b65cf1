import { readCarriedSignature } from '../../../core/chat/carried-signature.js';
import type { ChatRequest, ReasoningPart } from '../../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import { isSameModel } from './model-traits.js';
import { isThought } from './thoughts.js';
import { ToolIds } from './tool-ids.js';

/** Thinking that led to one call: from before the answer's first words, and from right before the call. */
interface Restored {
  readonly opening: JsonObject[];
  readonly before: JsonObject[];
}

/**
 * A body in Anthropic's own dialect as this model takes it back: as it came, but that thinking of other vendors is left out,
 * ids of tool calls that the API refuses are mended, and thinking that the client dropped and the gateway remembers is put
 * back before its call. The same body when there is nothing of the kind.
 */
export function settleBody(body: JsonObject, request: ChatRequest, model: string): JsonObject {
  if (!Array.isArray(body.messages)) return body;
  const ids = new ToolIds();
  const thoughts = restoredThoughts(request, model);
  const messages = body.messages.flatMap((message): JsonValue[] =>
    isJsonObject(message) ? settle(message, ids, thoughts) : [message],
  );
  return isSame(messages, body.messages) ? body : { ...body, messages };
}

// Nothing for an answer of which nothing is left: the API takes no empty ones.
function settle(message: JsonObject, ids: ToolIds, thoughts: ReadonlyMap<string, Restored>): JsonObject[] {
  const { content } = message;
  if (!Array.isArray(content)) return [message];
  const blocks = content.flatMap((block): JsonValue[] =>
    isJsonObject(block) ? settleBlock(block, ids, thoughts) : [block],
  );
  const settled = [...content.flatMap((block) => openingOf(block, thoughts)), ...blocks];
  if (isSame(settled, content)) return [message];
  return settled.length === 0 ? [] : [{ ...message, content: settled }];
}

function isSame(left: readonly JsonValue[], right: readonly JsonValue[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

function openingOf(block: JsonValue, thoughts: ReadonlyMap<string, Restored>): JsonObject[] {
  if (!isJsonObject(block) || block.type !== 'tool_use' || typeof block.id !== 'string') return [];
  return thoughts.get(block.id)?.opening ?? [];
}

function settleBlock(block: JsonObject, ids: ToolIds, thoughts: ReadonlyMap<string, Restored>): JsonObject[] {
  const { type, id, tool_use_id: callId } = block;
  if (type === 'thinking') return isForeign(block.signature) ? [] : [block];
  if (type === 'redacted_thinking') return isForeign(block.data) ? [] : [block];
  if (type === 'tool_use' && typeof id === 'string') {
    return [...(thoughts.get(id)?.before ?? []), withId(block, 'id', ids.open(id))];
  }
  return [type === 'tool_result' && typeof callId === 'string' ? withId(block, 'tool_use_id', ids.of(callId)) : block];
}

function withId(block: JsonObject, name: string, id: string): JsonObject {
  return block[name] === id ? block : { ...block, [name]: id };
}

// Thinking that nobody signed is another vendor's: Anthropic signs all of its own.
function isForeign(signature: JsonValue | undefined): boolean {
  return typeof signature !== 'string' || signature === '' || readCarriedSignature(signature).signedBy !== 'anthropic';
}

// What the gateway has put back bears the name of its model; what a client sends does not.
function restoredThoughts({ messages }: ChatRequest, model: string): Map<string, Restored> {
  const restored = new Map<string, Restored>();
  for (const { role, content } of messages) {
    if (role !== 'assistant') continue;
    let thoughts: Restored = { opening: [], before: [] };
    let hasSpoken = false;
    for (const part of content) {
      if (part.type === 'tool-call') {
        if (thoughts.opening.length + thoughts.before.length > 0) restored.set(part.id, thoughts);
        thoughts = { opening: [], before: [] };
      } else if (isThought(part) && part.model !== undefined && isSameModel(part.model, model)) {
        (hasSpoken ? thoughts.before : thoughts.opening).push(toBlock(part));
      }
      if (part.type !== 'reasoning') hasSpoken = true;
    }
  }
  return restored;
}

function toBlock({ text, signature = '', redacted }: ReasoningPart): JsonObject {
  return redacted === undefined
    ? { type: 'thinking', thinking: text, signature }
    : { type: 'redacted_thinking', data: redacted };
}

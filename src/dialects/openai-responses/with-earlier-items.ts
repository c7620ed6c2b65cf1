import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { refuse } from '../read-parameters.js';
import { namedLosses } from './lost-parameters.js';
import { referenceOf } from './parse-item.js';
import { type OwnItem, parseItems } from './parse-items.js';
import { instructionsOf } from './parse-responses-request.js';
import type { ResponsesRequest } from './responses-request.js';
import { isSealedHere } from './sealed-thought.js';

const ENCRYPTED_CONTENT = 'reasoning.encrypted_content';

/**
 * The request as chat with the items of earlier responses (oldest first) before its own input, and those that it names by
 * `item_reference` in their places. Its `source.body` holds all of them as `input` and nothing that means the gateway's own
 * state. Throws InvalidRequestError when the whole is no conversation.
 */
export function withEarlierItems(
  request: ResponsesRequest,
  earlier: readonly JsonObject[],
  referenced: ReadonlyMap<string, JsonObject> = new Map(),
): ChatRequest {
  const { chat, conversationId } = request;
  const body = chat.source?.body ?? {};
  const own = request.input.map((item, index) => resolve(item, `input[${String(index)}]`, referenced));
  const whole = wasReadWhole(request, earlier) ? chat : readWhole(request, earlier, own);
  if (conversationId === undefined && whole.messages.every(({ role }) => role === 'system')) requireSaid(whole, body);
  const items = [...earlier, ...own.map(({ item }) => item)];
  return { ...whole, source: { dialect: 'openai-responses', body: toOwnedBody(body, items) } };
}

// Large inputs are read once where nothing comes before them.
function wasReadWhole({ references, previousResponseId }: ResponsesRequest, earlier: readonly JsonObject[]): boolean {
  return earlier.length === 0 && references.length === 0 && previousResponseId === undefined;
}

function readWhole(
  { chat, conversationId }: ResponsesRequest,
  earlier: readonly JsonObject[],
  own: OwnItem[],
): ChatRequest {
  // What a stored conversation holds is known to whoever opens it.
  const isPart = conversationId !== undefined;
  const { messages, earlierMessages, lost } = parseItems({ earlier, own, isPart });
  const instructions = instructionsOf(chat.source?.body ?? {});
  const losses = namedLosses([...(chat.extraParameters ?? []), ...lost]);
  return {
    ...chat,
    messages: [...instructions, ...messages],
    earlierMessages: instructions.length + earlierMessages,
    ...(losses.length > 0 && { extraParameters: losses }),
  };
}

function requireSaid({ messages }: ChatRequest, body: JsonObject): void {
  if (messages.length > instructionsOf(body).length) return;
  refuse('invalid_value', 'input', '`input` holds nothing that can be answered. Add a message.');
}

function resolve(item: JsonObject, path: string, referenced: ReadonlyMap<string, JsonObject>): OwnItem {
  const id = referenceOf(item);
  // What of it is lost was named when the request was read.
  if (id === null) return { item, path, origin: 'read' };
  const message = `\`${path}\` names an item that is not stored here. Send the item itself.`;
  return { item: referenced.get(id) ?? refuse('not_found', path, message), path, origin: 'stored' };
}

// A text that was sent stays one; upstream keeps nothing, so that all it ever knows of a conversation is in the body.
function toOwnedBody(body: JsonObject, items: readonly JsonObject[]): JsonObject {
  const { previous_response_id: _, conversation: _conversation, background: _background, ...rest } = body;
  const include = Array.isArray(body.include) ? body.include : [];
  return {
    ...rest,
    input: toOwnedInput(body.input, items),
    store: false,
    include: include.includes(ENCRYPTED_CONTENT) ? include : [...include, ENCRYPTED_CONTENT],
  };
}

function toOwnedInput(input: JsonValue | undefined, items: readonly JsonObject[]): JsonValue {
  if (typeof input === 'string' && items.length === 1) return input;
  const answered = new Set(items.map(({ type, call_id: id }) => (isOutput(type) ? id : undefined)));
  return items.filter((item) => !isLostThought(item) && !(isBrokenCall(item) && !answered.has(item.call_id)));
}

function isOutput(type: JsonValue | undefined): boolean {
  return type === 'function_call_output' || type === 'custom_tool_call_output';
}

// Its arguments are half there, and OpenAI would ask for its result.
function isBrokenCall({ type, status }: JsonObject): boolean {
  const isCall = type === 'function_call' || type === 'custom_tool_call';
  return isCall && (status === 'incomplete' || status === 'in_progress');
}

// A thought that OpenAI did not encrypt is known to it by its id alone, and it keeps none of ours.
function isLostThought({ type, encrypted_content: sealed, content }: JsonObject): boolean {
  if (type !== 'reasoning') return false;
  if (typeof sealed === 'string' && sealed !== '') return isSealedHere(sealed);
  return !Array.isArray(content) || content.length === 0;
}

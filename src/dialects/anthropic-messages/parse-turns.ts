import type { AssistantPart, ChatMessage, UserPart } from '../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { readArray, refuse, refuseMissing, refuseType, requireString } from '../read-parameters.js';
import type { Losses } from './losses.js';
import { parseAssistantContent } from './parse-assistant-content.js';
import { isText, parseTexts, parseUserContent } from './parse-user-content.js';

const MOST_MESSAGES = 10_000;
const MOST_IMAGES = 500;

type ToolMessage = ChatMessage & { role: 'tool' };

/**
 * The conversation: `system` first, then the messages. Neighbouring answers are one, and the results of tools stand right
 * behind the calls that they answer, whatever else the next messages hold. Throws `invalid_tool_sequence` for calls without
 * results and for results without calls.
 */
export function parseTurns(body: JsonObject, losses: Losses): ChatMessage[] {
  const list = readMessages(body.messages);
  const conversation = new Conversation();
  const { system } = body;
  if (system !== undefined && system !== null) conversation.addSystem(system, 'system');
  for (const [index, message] of list.entries()) conversation.add(message, `messages[${String(index)}]`, losses);
  return conversation.end();
}

function readMessages(value: JsonValue | undefined): JsonValue[] {
  if (value === undefined || value === null) return refuseMissing('messages');
  const list = readArray(value, 'messages', MOST_MESSAGES) ?? [];
  return list.length > 0 ? list : refuse('invalid_value', 'messages', '`messages` must hold at least one message.');
}

class Conversation {
  readonly #messages: ChatMessage[] = [];
  /** Results of the calls of the last answer, and what came with them and the API has no place for in a result. */
  readonly #results: ToolMessage[] = [];
  readonly #attachments: UserPart[] = [];
  /** The calls of the last answer that have no result yet, by their ids. */
  #open = new Set<string>();
  /** Where the results of the last answer's calls go. */
  #resultsAt = 0;
  #images = 0;

  add(message: JsonValue, path: string, losses: Losses): void {
    if (!isJsonObject(message)) return refuseType(path, 'an object', message);
    const role = requireString(message.role, `${path}.role`);
    switch (role) {
      case 'user':
        this.#addUser(message.content, `${path}.content`, losses);
        return;
      case 'assistant':
        this.#addAnswer(parseAssistantContent(message.content, `${path}.content`, losses), path);
        return;
      case 'system':
        this.addSystem(message.content, `${path}.content`);
        return;
      default:
        refuse('invalid_value', `${path}.role`, `\`${path}.role\` must be user, assistant or system.`);
    }
  }

  addSystem(value: JsonValue | undefined, path: string): void {
    const content = parseTexts(value, path).filter(({ text }) => text !== '');
    if (content.length > 0) this.#messages.push({ role: 'system', content });
  }

  end(): ChatMessage[] {
    this.#settleResults('messages');
    if (this.#images <= MOST_IMAGES) return this.#messages;
    const message = `The messages hold ${String(this.#images)} images; at most ${String(MOST_IMAGES)} are possible.`;
    return refuse('array_too_long', 'messages', message);
  }

  #addUser(value: JsonValue | undefined, path: string, losses: Losses): void {
    const { parts, results, attachments } = parseUserContent(value, path, losses);
    for (const { message, path: here } of results) {
      if (!this.#open.delete(message.toolCallId)) {
        const problem = `\`${here}.tool_use_id\` answers no open call: results follow the message with the call, once.`;
        refuse('invalid_tool_sequence', `${here}.tool_use_id`, problem);
      }
      this.#results.push(message);
      this.#count(message.content);
    }
    this.#attachments.push(...attachments);
    this.#count([...parts, ...attachments]);
    if (parts.length > 0) this.#messages.push({ role: 'user', content: parts });
  }

  #addAnswer(parts: AssistantPart[], path: string): void {
    const last = this.#messages.at(-1);
    const isContinued = last?.role === 'assistant' && this.#results.length === 0;
    if (!isContinued) this.#settleResults(path);
    for (const part of parts) {
      if (part.type !== 'tool-call') continue;
      if (this.#open.has(part.id)) {
        refuse('invalid_tool_sequence', `${path}.content`, `\`${path}.content\` holds two calls with the same id.`);
      }
      this.#open.add(part.id);
    }
    if (parts.length === 0) return;
    if (isContinued) last.content.push(...parts);
    else this.#messages.push({ role: 'assistant', content: parts });
    this.#resultsAt = this.#messages.length;
  }

  #settleResults(path: string): void {
    const [id] = this.#open;
    if (id !== undefined) {
      const message = `The call \`${id.slice(0, 64)}\` has no result: send a tool_result block with its id in the next message.`;
      refuse('invalid_tool_sequence', path, message);
    }
    const attached: ChatMessage[] =
      this.#attachments.length > 0 ? [{ role: 'user', content: this.#attachments.splice(0) }] : [];
    this.#messages.splice(this.#resultsAt, 0, ...this.#results.splice(0), ...attached);
    this.#open = new Set();
  }

  #count(parts: readonly { type: string }[]): void {
    for (const part of parts) if (!isText(part) && part.type === 'image') this.#images += 1;
  }
}

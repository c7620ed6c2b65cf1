import type { CacheControlEphemeral } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

/** The most marks that one request may have. */
const MOST_MARKS = 4;

interface Markable {
  cache_control?: CacheControlEphemeral | null;
}

/**
 * The prompt cache marks of a request: `cache_control` on content parts, messages and tools is no part of OpenAI's dialect,
 * but what its clients send to have Anthropic cache. It is read from the body the request was parsed from, as long as the
 * messages still are the ones of that body.
 */
export class CacheMarks {
  readonly #body: JsonObject;
  readonly #messages: readonly JsonValue[];
  readonly #marked: Markable[] = [];

  constructor({ source, messages }: Pick<ChatRequest, 'source' | 'messages'>) {
    const body = source?.dialect === 'openai-chat' ? source.body : {};
    const isSame = Array.isArray(body.messages) && body.messages.length === messages.length;
    this.#body = isSame ? body : {};
    this.#messages = isSame ? (body.messages as JsonValue[]) : [];
  }

  /** The mark of the whole request. */
  get ofRequest(): CacheControlEphemeral | undefined {
    return markOf(this.#body);
  }

  /** Marks a block that was made of the part at `index` of a message's content. */
  markPart(block: Markable | undefined, message: number, index: number): void {
    const raw = this.#messages[message];
    const content = isJsonObject(raw) ? raw.content : null;
    if (Array.isArray(content)) this.#mark(block, markOf(content[index]));
  }

  /** Marks the last block that was made of a message. */
  markMessage(block: Markable | undefined, message: number): void {
    this.#mark(block, markOf(this.#messages[message]));
  }

  /** Marks the tools, which keep their names. */
  markTools(tools: readonly (Markable & { name: string })[]): void {
    const { tools: raw } = this.#body;
    if (!Array.isArray(raw)) return;
    for (const entry of raw) {
      if (!isJsonObject(entry) || !isJsonObject(entry.function)) continue;
      const mark = markOf(entry) ?? markOf(entry.function);
      const { name } = entry.function;
      if (mark)
        this.#mark(
          tools.find((tool) => tool.name === name),
          mark,
        );
    }
  }

  /** Takes marks back, the earliest first, until there are no more than may be: the later ones cover more of the prompt. */
  prune(warn: (message: string) => void): void {
    const most = this.ofRequest ? MOST_MARKS - 1 : MOST_MARKS;
    if (this.#marked.length <= most) return;
    for (const block of this.#marked.splice(0, this.#marked.length - most)) delete block.cache_control;
    warn(`Only ${String(MOST_MARKS)} cache marks can be set: the earliest were dropped.`);
  }

  #mark(block: Markable | undefined, mark: CacheControlEphemeral | undefined): void {
    if (!block || !mark || block.cache_control) return;
    block.cache_control = mark;
    this.#marked.push(block);
  }
}

function markOf(value: JsonValue | undefined): CacheControlEphemeral | undefined {
  if (!isJsonObject(value) || !isJsonObject(value.cache_control)) return undefined;
  const { type, ttl } = value.cache_control;
  if (type !== 'ephemeral') return undefined;
  return ttl === '5m' || ttl === '1h' ? { type, ttl } : { type };
}

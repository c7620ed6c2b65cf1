import type { ChatMessage } from '../../core/chat/chat-request.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { refuse } from '../read-parameters.js';
import { parseItem, type ReadItem } from './parse-item.js';
import { Turns } from './turns.js';

const MAX_IMAGES = 500;

/** An item of the request's own and where it stands: sent just now, read before, or stored here and only named by it. */
export interface OwnItem {
  readonly item: JsonObject;
  readonly path: string;
  readonly origin: 'sent' | 'read' | 'stored';
}

/** Items to be read as a conversation. */
export interface ItemsToRead {
  /** Of earlier responses: kept by the gateway, so that nothing in them is the client's mistake. */
  readonly earlier?: readonly JsonObject[];
  readonly own: readonly OwnItem[];
  /** Whether more may stand before them: then calls and results need not all be there. */
  readonly isPart: boolean;
}

/** A conversation, and what of it only OpenAI understands. */
export interface ItemsRead {
  readonly messages: ChatMessage[];
  /** How many of the messages, from the first, are of earlier responses. */
  readonly earlierMessages: number;
  readonly lost: string[];
}

/**
 * Reads items as messages: what a model did in one go is one, and the results of its calls follow it wherever they stood.
 * Throws `invalid_tool_sequence` for a result without a call, and for a call without a result.
 */
export function parseItems({ earlier = [], own, isPart }: ItemsToRead): ItemsRead {
  const turns = new Turns();
  const lost: string[] = [];
  for (const item of earlier) {
    for (const read of parseKept(item, 'input', lost)) turns.add(read, 'input');
  }
  const earlierMessages = turns.messages().length;
  for (const { item, path, origin } of own) {
    const parts =
      origin === 'stored' ? parseKept(item, path, lost) : parseItem(item, path, origin === 'sent' ? lost : []);
    for (const read of parts) turns.add(read, path);
  }
  if (!isPart) turns.checkWhole('input');
  const messages = turns.messages();
  checkImages(messages);
  return { messages, earlierMessages, lost };
}

function parseKept(item: JsonObject, path: string, lost: string[]): ReadItem[] {
  try {
    return parseItem(item, path, lost);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    lost.push(`${path} (${typeof item.type === 'string' ? item.type : 'message'})`);
    return [];
  }
}

function checkImages(messages: readonly ChatMessage[]): void {
  let images = 0;
  for (const { content } of messages) {
    for (const part of content) if (part.type === 'image') images++;
  }
  if (images <= MAX_IMAGES) return;
  const message = `The input holds ${String(images)} images; at most ${String(MAX_IMAGES)} are possible.`;
  refuse('array_too_long', 'input', message);
}

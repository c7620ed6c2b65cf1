import type { ChatMessage } from '../../core/chat/chat-request.js';
import { newId } from '../../core/ids.js';
import { countChatTokens } from '../../tokens/count-tokens.js';

/** What is kept of a conversation: all that was said but the system texts, which belong to their turns. */
export type TurnMessage = Exclude<ChatMessage, { role: 'system' }>;

/** A message as it is stored. */
export interface MessageRow {
  readonly id: string;
  readonly role: TurnMessage['role'];
  /** The message as JSON. */
  readonly content: string;
  /** Ids of the tool calls that it makes, or of the one that it answers. */
  readonly callIds: readonly string[];
  /** Prompt tokens by our own count. */
  readonly tokens: number;
  readonly bytes: number;
}

// What a request is counted with that says nothing at all.
const EMPTY_TOKENS = countChatTokens({ model: '', messages: [], stream: false });

/** Makes a row of a message; `id` names one that is stored already. */
export function toMessageRow(message: TurnMessage, id: string = newId('msg_')): MessageRow {
  const content = JSON.stringify(message);
  return {
    id,
    role: message.role,
    content,
    callIds: callIdsOf(message),
    tokens: countMessageTokens(message),
    bytes: Buffer.byteLength(content),
  };
}

/** Prompt tokens of one message by our own count. */
export function countMessageTokens(message: ChatMessage): number {
  return countChatTokens({ model: '', messages: [message], stream: false }) - EMPTY_TOKENS;
}

/** Ids of the tool calls that a message makes, or of the one that it answers. */
export function callIdsOf(message: ChatMessage): string[] {
  if (message.role === 'tool') return [storableId(message.toolCallId)];
  if (message.role !== 'assistant') return [];
  return message.content.flatMap((part) => (part.type === 'tool-call' ? [storableId(part.id)] : []));
}

// Ids are whatever a model made up; the column takes no NUL.
function storableId(id: string): string {
  return id.toWellFormed().replaceAll('\0', '\uFFFD');
}

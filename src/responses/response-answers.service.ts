import { Injectable } from '@nestjs/common';
import { ChatService } from '../chat/chat.service.js';
import { ConversationsService } from '../conversations/conversations.service.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { AppError } from '../core/errors/app-error.js';
import type { JsonValue } from '../core/json.js';
import { toHistoryItems } from './history-items.js';
import type { ToldResponse } from './told-response.js';

/** Has models answer requests for responses. */
@Injectable()
export class ResponseAnswers {
  constructor(
    private readonly chat: ChatService,
    private readonly conversations: ConversationsService,
  ) {}

  /**
   * Resolves at the first content. In a stored conversation the request is its next turn. Rejects with what chat requests
   * and conversations reject with.
   */
  async answer({ request, chat }: ToldResponse, call: CallContext): Promise<AsyncIterable<ChatEvent>> {
    const { conversationId } = request;
    if (conversationId === undefined) return this.chat.answer(chat, call);
    try {
      return await this.conversations.answer({ chat, conversationId, store: true }, call, (fitted) =>
        this.chat.answer(withHistory(chat, fitted), call),
      );
    } catch (error) {
      throw error instanceof AppError && error.param === 'conversation_id' ? renamed(error) : error;
    }
  }
}

// The conversation was fitted into the model's window as messages; the body has to tell the same.
function withHistory(said: ChatRequest, fitted: ChatRequest): ChatRequest {
  const { source } = said;
  if (!source) return fitted;
  const own = new Set(said.messages);
  const earlier = fitted.messages.filter((message) => !own.has(message));
  // A system text of the request's own comes again with others that stand in the same message.
  const isRepeated = said.messages.some(({ role }) => role === 'system') && earlier[0]?.role === 'system';
  const items = toHistoryItems(isRepeated ? earlier.slice(1) : earlier);
  const body = { ...source.body, input: [...items, ...itemsOf(source.body.input)] };
  const ownMessages = said.messages.filter(({ role }) => role !== 'system').length;
  return {
    ...fitted,
    earlierMessages: Math.max(0, fitted.messages.length - ownMessages),
    source: { ...source, body },
  };
}

function itemsOf(input: JsonValue | undefined): JsonValue[] {
  if (Array.isArray(input)) return input;
  return typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : [];
}

function renamed({ code, message, cause }: AppError): AppError {
  return new AppError(code, message, { param: 'conversation', cause });
}

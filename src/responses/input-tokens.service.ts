import { Injectable } from '@nestjs/common';
import { PromptTokens } from '../chat/prompt-tokens.service.js';
import { ConversationsService } from '../conversations/conversations.service.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ToldResponse } from './told-response.js';

/** Counts what a request for a response would tell a model. */
@Injectable()
export class InputTokens {
  constructor(
    private readonly tokens: PromptTokens,
    private readonly conversations: ConversationsService,
  ) {}

  /** With what was said before. Nothing is sent, stored or billed. Rejects as `PromptTokens.count` and conversations do. */
  async count({ request, chat }: ToldResponse, call: CallContext): Promise<number> {
    const { conversationId } = request;
    let counted = chat;
    if (conversationId !== undefined) {
      await this.conversations.answer({ chat, conversationId, store: false }, call, (fitted) => {
        counted = fitted;
        return Promise.resolve(noEvents());
      });
    }
    return this.tokens.count(counted, call);
  }
}

function noEvents(): AsyncIterable<ChatEvent> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }) };
}

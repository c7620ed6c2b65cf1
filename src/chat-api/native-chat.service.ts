import { Injectable } from '@nestjs/common';
import { ChatService } from '../chat/chat.service.js';
import { isFromCache, withBodyWish } from '../core/cache-wish.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import { Clock } from '../core/clock.js';
import { ConversationsService } from '../conversations/conversations.service.js';
import type { NativeAnswerFacts } from '../dialects/native-chat/native-answer.js';
import type { NativeChatRequest } from '../dialects/native-chat/parse-native-chat.js';
import { ToolLoop } from '../tools/tool-loop.service.js';

/** An answer under way, and what is known of it beside its events. */
export interface NativeAnswer {
  readonly events: AsyncIterable<ChatEvent>;
  /** What is known by now: the cost only at the end. */
  readonly facts: () => NativeAnswerFacts;
}

/** Answers native chat requests, whether they come by JSON, as a stream or over a WebSocket. */
@Injectable()
export class NativeChatService {
  constructor(
    private readonly chat: ChatService,
    private readonly conversations: ConversationsService,
    private readonly tools: ToolLoop,
    private readonly clock: Clock,
  ) {}

  /** Resolves at the first content of the answer. Rejects with AppError, and so do the events. */
  async answer(request: NativeChatRequest, call: CallContext): Promise<NativeAnswer> {
    call.cacheWish = withBodyWish(call.cacheWish, request.cache);
    const events = await this.conversations.answer(request, call, (chat) =>
      request.serverTools.length > 0 ? this.tools.answer(chat, request, call) : this.chat.answer(chat, call),
    );
    return { events, facts: () => this.#facts(call) };
  }

  #facts(call: CallContext): NativeAnswerFacts {
    return {
      requestId: call.id,
      conversationId: call.conversationId,
      provider: call.answeredBy?.provider ?? null,
      costUsd: call.costUsd,
      latencyMs: Math.max(0, this.clock.now() - call.receivedAt),
      warnings: call.warnings,
      isCached: isFromCache(call.cacheStatus),
    };
  }
}

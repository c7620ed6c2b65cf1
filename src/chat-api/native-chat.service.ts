import { Injectable } from '@nestjs/common';
import { ChatService } from '../chat/chat.service.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import { Clock } from '../core/clock.js';
import type { NativeAnswerFacts } from '../dialects/native-chat/native-answer.js';
import type { NativeChatRequest } from '../dialects/native-chat/parse-native-chat.js';

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
    private readonly clock: Clock,
  ) {}

  /** Resolves at the first content of the answer. Rejects with AppError, and so do the events. */
  async answer(request: NativeChatRequest, call: CallContext): Promise<NativeAnswer> {
    const events = await this.chat.answer(request.chat, call);
    return { events, facts: () => this.#facts(null, call) };
  }

  #facts(conversationId: string | null, call: CallContext): NativeAnswerFacts {
    return {
      requestId: call.id,
      conversationId,
      provider: call.answeredBy?.provider ?? null,
      costUsd: call.costUsd,
      latencyMs: Math.max(0, this.clock.now() - call.receivedAt),
      warnings: call.warnings,
    };
  }
}

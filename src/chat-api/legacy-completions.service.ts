import { Injectable } from '@nestjs/common';
import { ChatService } from '../chat/chat.service.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatResult } from '../core/chat/chat-result.js';
import { collectChat } from '../core/chat/collect-chat.js';
import type { CompletionRequest } from '../dialects/openai-completions/parse-completion-request.js';
import type { PromptEvent } from '../dialects/openai-completions/prompt-event.js';
import { PromptAnswers } from './prompt-answers.js';

/** Answers legacy completions: their prompts one after the other, each as a request of its own. */
@Injectable()
export class LegacyCompletions {
  constructor(private readonly chat: ChatService) {}

  /** The answers to all prompts, in order. Rejects as `ChatService.answer`. */
  async answerWhole({ chats }: CompletionRequest, call: CallContext): Promise<ChatResult[]> {
    const results: ChatResult[] = [];
    for (const ask of this.#asking(chats, call)) results.push(await collectChat(await ask()));
    return results;
  }

  /** Resolves at the first content of the first prompt's answer. Rejects as `ChatService.answer`, and so do the events. */
  async answerStream({ chats }: CompletionRequest, call: CallContext): Promise<AsyncIterable<PromptEvent>> {
    const [first, ...rest] = this.#asking(chats, call);
    if (!first) throw new Error('A completion has a prompt.');
    return new PromptAnswers(await first(), rest);
  }

  #asking(chats: CompletionRequest['chats'], call: CallContext): (() => Promise<AsyncIterable<ChatEvent>>)[] {
    call.hasSteps ||= chats.length > 1;
    return chats.map((chat, index) => () => {
      call.isBetweenSteps = index < chats.length - 1;
      return this.chat.answer(chat, call);
    });
  }
}

import { Injectable } from '@nestjs/common';
import { ChatModels, type ChatModelFacts } from '../../chat/chat-models.js';
import { ChatService } from '../../chat/chat.service.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';

// A request that is refused outright (an unknown model, a spent budget) is refused at once: waited for before a stream begins.
const REFUSAL_MS = 25;

/** The model that answers, as far as answers have to know it. */
@Injectable()
export class AnswerModel {
  constructor(
    private readonly chat: ChatService,
    private readonly models: ChatModels,
    private readonly clock: Clock,
  ) {}

  /** Throws `model_not_found`. */
  factsOf(model: string): ChatModelFacts {
    return this.models.factsOf(model);
  }

  /**
   * Sends the prompt; the events come later. What is wrong with the request itself rejects here, failures of the provider
   * come from the events.
   */
  async ask(prompt: ChatRequest, call: CallContext): Promise<{ events: Promise<AsyncIterable<ChatEvent>> }> {
    const admitted = new Promise<void>((resolve) => {
      call.onAdmitted = () => {
        resolve();
      };
    });
    const events = this.chat.answer(prompt, call);
    await this.#rejectIfRefused(events, admitted);
    return { events };
  }

  async #rejectIfRefused(events: Promise<AsyncIterable<ChatEvent>>, admitted: Promise<void>): Promise<void> {
    let cancel = (): void => undefined;
    // Limits and budgets may have to be asked far away; the provider has its own time.
    const patience = admitted.then(
      () =>
        new Promise<void>((resolve) => {
          cancel = this.clock.schedule(resolve, REFUSAL_MS);
        }),
    );
    // Upstream failures keep their place in the stream; the caller meets them there.
    const refusal = events.then(
      () => undefined,
      (error: unknown) => {
        if (isRefusal(error)) throw error;
      },
    );
    try {
      await Promise.race([refusal, patience]);
    } finally {
      cancel();
      refusal.catch(() => undefined);
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.category !== 'upstream' && error.category !== 'server';
}

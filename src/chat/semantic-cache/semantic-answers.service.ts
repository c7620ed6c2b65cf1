import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { AnswerChat } from '../chat-layer.js';
import { AnswerRecorder } from '../response-cache/answer-recorder.service.js';
import { AnswerReplay } from '../response-cache/answer-replay.service.js';
import type { StoredAnswer } from '../response-cache/stored-answer.js';
import type { AskedQuestion } from './semantic-entry.js';
import { SemanticKeeper } from './semantic-keeper.service.js';

const DIGITS = 2;

/** Gives answers again that were found by the meaning of their question, and keeps new ones. */
@Injectable()
export class SemanticAnswers {
  constructor(
    private readonly replayer: AnswerReplay,
    private readonly recorder: AnswerRecorder,
    private readonly keeper: SemanticKeeper,
  ) {}

  /** Rejects as a new answer would, but for what is about money and providers. */
  replay(
    { answer, similarity }: { answer: StoredAnswer; similarity: number },
    request: ChatRequest,
    call: CallContext,
  ): Promise<AsyncIterable<ChatEvent>> {
    return this.replayer.replay(answer, request, call, `semantic; similarity=${shown(similarity)}`);
  }

  /** The same way to an answer, which is kept for the question when it is fit for that. */
  keeping(asked: AskedQuestion, vector: string, ttlMs: number, next: AnswerChat): AnswerChat {
    return (request, call) =>
      this.recorder.record(
        () => next(request, call),
        request,
        call,
        (answer) => {
          this.keeper.keep(asked, vector, answer, ttlMs);
        },
      );
  }
}

// Cut, not rounded: what is shown as 1.00 is the same question, and what is below a threshold is not shown as that.
function shown(similarity: number): string {
  const scale = 10 ** DIGITS;
  return (Math.floor(Math.min(similarity, 1) * scale) / scale).toFixed(DIGITS);
}

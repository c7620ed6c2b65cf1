import { Injectable } from '@nestjs/common';
import type { ContentKey } from '../../cache/content-key.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { ModelIdentities } from '../../providers/model-identities.js';
import type { AnswerChat } from '../chat-layer.js';
import { answerKeyOf } from './answer-key.js';
import { AnswerRecorder } from './answer-recorder.service.js';
import { AnswerReplay } from './answer-replay.service.js';
import { KeptAnswers } from './kept-answers.service.js';
import type { StoredAnswer } from './stored-answer.js';

/** Answers by the very requests that they were given to. */
@Injectable()
export class ExactAnswers {
  constructor(
    private readonly identities: ModelIdentities,
    private readonly kept: KeptAnswers,
    private readonly recorder: AnswerRecorder,
    private readonly replayer: AnswerReplay,
  ) {}

  /** Throws `model_not_found`. */
  keyOf(request: ChatRequest, { principal }: CallContext): ContentKey {
    return answerKeyOf(principal.projectId, this.identities.of(request.model), request);
  }

  /** Null when there is none so young. Never rejects. */
  find(key: ContentKey, maxAgeMs: number): Promise<StoredAnswer | null> {
    return this.kept.find(key, maxAgeMs);
  }

  /** Gives a kept answer again; rejects as a new one would, but for what is about money and providers. */
  replay(stored: StoredAnswer, request: ChatRequest, call: CallContext): Promise<AsyncIterable<ChatEvent>> {
    return this.replayer.replay(stored, request, call, 'hit');
  }

  /** The same way to an answer, which is kept under the key when it is fit for that. */
  keeping(key: ContentKey, ttlMs: number, next: AnswerChat): AnswerChat {
    return (request, call) =>
      this.recorder.record(
        () => next(request, call),
        request,
        call,
        (answer) => {
          this.kept.keep(key, answer, ttlMs);
        },
      );
  }
}

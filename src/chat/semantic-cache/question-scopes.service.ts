import { Injectable } from '@nestjs/common';
import type { Wording } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { AppError } from '../../core/errors/app-error.js';
import { allowsModel } from '../../core/model-patterns.js';
import { ModelIdentities } from '../../providers/model-identities.js';
import { ProviderRegistry } from '../../providers/provider-registry.js';
import { answerKeyOf } from '../response-cache/answer-key.js';
import { QuestionEmbedder } from './question-embedder.service.js';
import { questionOf, withoutQuestion } from './question-of.js';
import { type AskedQuestion, toAskedQuestion } from './semantic-entry.js';

/** A question among those that its answer may be shared with. */
export interface ScopedQuestion {
  readonly asked: AskedQuestion;
  /** What must agree between questions where nobody says it. */
  readonly wording: Wording;
}

/** Finds out which questions may be compared at all: same project, models, embedding model and everything but the question. */
@Injectable()
export class QuestionScopes {
  constructor(
    private readonly providers: ProviderRegistry,
    private readonly identities: ModelIdentities,
    private readonly embedder: QuestionEmbedder,
  ) {}

  /** Null for a request that is not for the cache: nothing that others could ask, or that its key may not ask. */
  find(request: ChatRequest, call: CallContext): ScopedQuestion | null {
    const text = questionOf(request);
    if (text === null) return null;
    try {
      return this.#isAllowed(request.model, call) ? this.#scope(text, request, call) : null;
    } catch (error) {
      // A model that does not exist is for the request itself to meet.
      if (error instanceof AppError) return null;
      throw error;
    }
  }

  // Who may not ask the model gets the refusal for it, and no embedding is paid before.
  #isAllowed(model: string, { principal }: CallContext): boolean {
    if (principal.models === null) return true;
    const { targets } = this.providers.resolve(model);
    return allowsModel(
      principal.models,
      model,
      targets.map((target) => `${target.provider}/${target.model}`),
    );
  }

  #scope(text: string, request: ChatRequest, { principal: { projectId } }: CallContext): ScopedQuestion {
    const { identity, wording } = this.embedder.space();
    const models = JSON.stringify([this.identities.of(request.model), identity]);
    const { name } = answerKeyOf(projectId, models, withoutQuestion(request));
    return { asked: toAskedQuestion(projectId, name, text), wording };
  }
}

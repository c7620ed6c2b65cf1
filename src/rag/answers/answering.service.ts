import { Injectable } from '@nestjs/common';
import type { ChatModelFacts } from '../../chat/chat-models.js';
import { GatewayConfig } from '../../config/gateway-config.js';
import { ConversationsService } from '../../conversations/conversations.service.js';
import type { CallContext } from '../../core/call-context.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { AnswerBasis, AnswerEvent } from './answer-event.js';
import { AnswerModel } from './answer-model.service.js';
import { AnswerSources } from './answer-sources.service.js';
import { assemblePrompt, type PromptInput, type SourceForm } from './assemble-prompt.js';
import { citeEvents, refuseToAnswer } from './cite-events.js';
import { fitPrompt } from './fit-prompt.js';
import { keepAnswer } from './keep-answer.js';
import { noAnswerTextFor } from './no-answer-texts.js';
import { QueryRequestDto } from './query.dto.js';
import { SourcePages } from './source-pages.service.js';

/** A question whose sources are found; `events` begins to answer it. */
export interface PreparedAnswer {
  basis: AnswerBasis;
  events: AsyncIterable<AnswerEvent>;
}

/** Answers questions from the documents of a collection, with citations that are checked. */
@Injectable()
export class AnsweringService {
  readonly #noAnswerText: string | null;

  constructor(
    private readonly sources: AnswerSources,
    private readonly model: AnswerModel,
    private readonly pages: SourcePages,
    private readonly conversations: ConversationsService,
    gateway: GatewayConfig,
  ) {
    this.#noAnswerText = gateway.answers.noAnswerText;
  }

  /**
   * Finds the sources and sends the question on. Failures of the provider come from the events; what is wrong with the
   * request itself rejects here.
   */
  async prepare(request: QueryRequestDto, call: CallContext, stream: boolean): Promise<PreparedAnswer> {
    if (request.conversation_id === undefined) return this.#prepare(request, call, stream);
    if (request.history !== undefined) throw historyTwice();
    const { turn, history } = await this.conversations.beginTextTurn(request.conversation_id, request.question, call);
    try {
      const asked = Object.assign(new QueryRequestDto(), request, { history });
      const { basis, events } = await this.#prepare(asked, call, stream);
      return { basis, events: keepAnswer(events, turn) };
    } catch (error) {
      await turn.fail(error);
      throw error;
    }
  }

  async #prepare(request: QueryRequestDto, call: CallContext, stream: boolean): Promise<PreparedAnswer> {
    const facts = this.model.factsOf(request.model ?? '');
    const { basis, isRelevant } = await this.sources.find(request, call);
    const noAnswerText = noAnswerTextFor(request.question, this.#noAnswerText);
    if (!isRelevant) {
      // Nothing was asked, so nothing was spent; what was asked and has no price stays unknown.
      if (call.attempts.length === 0) call.costUsd ??= '0.0000000000';
      return { basis, events: refuseToAnswer(noAnswerText) };
    }
    const input = toPromptInput(request, basis, facts, stream);
    const fitted = fitPrompt(input, facts.promptTokens);
    warnOfOmissions(input, fitted, call);
    const findPage = await this.pages.finderFor(call.principal.projectId, fitted.sources);
    const { events } = await this.model.ask(assemblePrompt({ ...input, ...fitted }), call);
    return {
      basis: { ...basis, sources: [...fitted.sources] },
      events: citeEvents(events, { sources: fitted.sources, noAnswerText, findPage, call }),
    };
  }
}

function toPromptInput(
  request: QueryRequestDto,
  basis: AnswerBasis,
  facts: ChatModelFacts,
  stream: boolean,
): PromptInput {
  return {
    model: request.model ?? '',
    question: request.question,
    sources: basis.sources,
    history: request.history ?? [],
    instructions: request.instructions ?? null,
    stream,
    form: formFor(facts),
  };
}

function formFor({ runsHere, takesDocuments }: ChatModelFacts): SourceForm {
  if (runsHere) return 'documents';
  return takesDocuments ? 'both' : 'quoted';
}

function warnOfOmissions(
  input: PromptInput,
  fitted: Pick<PromptInput, 'sources' | 'history'>,
  call: CallContext,
): void {
  const sources = input.sources.length - fitted.sources.length;
  const turns = input.history.length - fitted.history.length;
  if (sources === 0 && turns === 0) return;
  call.warnings.push(
    `The context window of the model had no room for ${String(sources)} of the sources and ${String(turns)} of the earlier turns.`,
  );
}

function historyTwice(): InvalidRequestError {
  const message = 'A stored conversation brings its own `history`. Send either `conversation_id` or `history`.';
  return new InvalidRequestError('invalid_value', message, { param: 'history' });
}

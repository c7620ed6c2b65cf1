import { Injectable } from '@nestjs/common';
import { ChatModels } from '../../chat/chat-models.js';
import { ChatService } from '../../chat/chat.service.js';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { ChatCollector } from '../../core/chat/collect-chat.js';
import { Clock } from '../../core/clock.js';
import { ClientGoneError } from '../../core/errors/app-error.js';
import { within } from '../../core/within.js';
import type { HistoryTurn } from './assemble-prompt.js';
import { assembleRewrite, readRewrite } from './rewrite-question.js';

/** What is searched for one question. */
export interface SearchQueries {
  /** For the retrieval: what stands here twice counts double. */
  weighted: readonly string[];
  /** For the client, each once. */
  shown: readonly string[];
}

// A search should not wait longer for a better question.
const REWRITE_MS = 10_000;
const MAX_PREVIOUS_CHARACTERS = 2_000;
const WARNING =
  'No model could make the follow-up question understandable by itself; it was searched together with the turn before it.';

/** Makes of a question in a conversation what is searched for it. */
@Injectable()
export class FollowUps {
  readonly #model: string | null;

  constructor(
    private readonly chat: ChatService,
    private readonly models: ChatModels,
    private readonly clock: Clock,
    gateway: GatewayConfig,
  ) {
    this.#model = gateway.answers.followUpModel;
  }

  /**
   * The question is always among the queries. A language model makes a follow-up understandable by itself; without one, or
   * when it fails, the follow-up counts double and the turn before it once. Rejects only when the client has left.
   */
  async queriesFor(
    { question, history, model }: { question: string; history: readonly HistoryTurn[]; model: string },
    call: CallContext,
  ): Promise<SearchQueries> {
    const previous = history
      .findLast((turn) => turn.role === 'user')
      ?.content.slice(0, MAX_PREVIOUS_CHARACTERS)
      .toWellFormed();
    if (previous === undefined) return { weighted: [question], shown: [question] };
    const rewriter = this.#model === 'answering' ? model : this.#model;
    if (rewriter !== null && !this.#runsHere(rewriter)) {
      const rewritten = await this.#rewrite(rewriter, question, history, call);
      if (rewritten !== null) return together(question, rewritten);
      call.warnings.push(WARNING);
    }
    return { weighted: [question, question, previous], shown: [question, previous] };
  }

  // A model that does not exist is for the answer to report.
  #runsHere(model: string): boolean {
    try {
      return this.models.factsOf(model).runsHere;
    } catch {
      return true;
    }
  }

  async #rewrite(
    model: string,
    question: string,
    history: readonly HistoryTurn[],
    call: CallContext,
  ): Promise<string | null> {
    const stop = { isTooLate: false };
    try {
      return await within(this.#ask(assembleRewrite(model, question, history), call, stop), REWRITE_MS, this.clock);
    } catch (error) {
      if (error instanceof ClientGoneError) throw error;
      return null;
    } finally {
      stop.isTooLate = true;
      // Who wrote the query did not answer.
      call.setAside();
    }
  }

  async #ask(
    request: ReturnType<typeof assembleRewrite>,
    call: CallContext,
    stop: { readonly isTooLate: boolean },
  ): Promise<string | null> {
    const collector = new ChatCollector();
    for await (const event of await this.chat.answer(request, call)) {
      if (stop.isTooLate) return null;
      collector.add(event);
    }
    return readRewrite(collector.result());
  }
}

function together(question: string, rewritten: string): SearchQueries {
  if (rewritten === question.trim()) return { weighted: [question], shown: [question] };
  // What is judged by one query alone is judged by the first.
  return { weighted: [rewritten, question], shown: [question, rewritten] };
}

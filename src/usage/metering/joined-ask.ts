import type { ChatRequest } from '../../core/chat/chat-request.js';
import { NO_MONEY } from '../../core/money.js';
import type { BudgetTerms } from '../../core/principal.js';
import type { Ask } from './ask.js';
import type { Candidate } from './candidates.js';

/** A chat request that reads along another one's answer: it sends nothing, and costs nothing. */
export class JoinedAsk implements Ask {
  readonly operation = 'chat';
  readonly model: string;
  readonly terms: readonly BudgetTerms[] = [];

  constructor(
    readonly request: ChatRequest,
    readonly candidates: readonly Candidate[],
  ) {
    this.model = request.model;
  }

  promptTokens(): number {
    return 0;
  }

  roughPromptTokens(): number {
    return 0;
  }

  tokens(): number {
    return 0;
  }

  boundUsd(): string {
    return NO_MONEY;
  }

  ampleBoundUsd(): string {
    return NO_MONEY;
  }

  serviceTierAt(): null {
    return null;
  }
}

import { NO_MONEY } from '../../core/money.js';
import type { BudgetTerms } from '../../core/principal.js';
import type { Operation } from '../../core/call-context.js';
import type { Ask } from './ask.js';
import type { Candidate } from './candidates.js';

/** A request that gets what another one brought: it sends nothing, and costs nothing. */
export class JoinedAsk implements Ask {
  readonly model: string;
  readonly terms: readonly BudgetTerms[] = [];

  constructor(
    { model }: { readonly model: string },
    readonly candidates: readonly Candidate[],
    readonly operation: Operation = 'chat',
  ) {
    this.model = model;
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

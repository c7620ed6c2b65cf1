import type { AttemptPurpose } from '../../core/attempt.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { Operation, Surface } from '../../core/call-context.js';

/**
 * How an admitted request ended. `open`: it has not, its tokens are estimates and it is nobody's to see yet. `abandoned`:
 * its process died, and others wrote down what it may have cost at most.
 */
export type RequestStatus = 'open' | 'succeeded' | 'failed' | 'aborted' | 'abandoned';

/** What the ledger keeps of one request dispatched upstream. */
export interface AttemptRecord {
  /** Counts from 1. */
  n: number;
  provider: string;
  model: string;
  credential: string | null;
  outcome: string;
  errorKind: string | null;
  usage: TokenUsage;
  /** USD with ten places; null when the model has no known price. */
  costUsd: string | null;
  durationMs: number;
  /** Milliseconds from the arrival of the request to its dispatch. */
  offsetMs: number;
  /** Milliseconds from its dispatch to its first content; null when none came. */
  firstContentMs: number | null;
  /** Null for first attempts and those after a failure. */
  purpose: AttemptPurpose | null;
  /** True of a question on the way to the answer, such as a summary. */
  isAside: boolean;
}

/** What is reserved of a budget's window for a request that is under way. */
export interface LedgerHold {
  budgetId: string;
  /** When the window began, as ISO 8601. */
  periodStart: string;
  /** USD with up to ten places. */
  reservedUsd: string;
}

/** What a request took from a budget's window: its reservation goes back, its cost is spent. */
export interface BudgetCharge extends LedgerHold {
  spentUsd: string;
}

/** What is written down of a request before anything of it leaves this process. */
export interface LedgerOpening {
  /** The id of the `LedgerRecord` that will end it. */
  id: string;
  requestId: string;
  projectId: string;
  keyId: string;
  surface: Surface;
  operation: Operation;
  requestedModel: string;
  startedAt: Date;
  tags: readonly string[];
  /** The first candidate; its prompt is what the request costs when this process dies and no budget applies. */
  provider: string;
  /** The provider's own name of the model. */
  model: string;
  estimatedInputTokens: number;
  holds: readonly LedgerHold[];
}

/** What the ledger keeps of one admitted request. */
export interface LedgerRecord {
  /** The ledger's own key: a client may use one request id twice. */
  id: string;
  requestId: string;
  projectId: string;
  keyId: string;
  surface: Surface;
  operation: Operation;
  requestedModel: string;
  provider: string | null;
  model: string | null;
  status: RequestStatus;
  errorCode: string | null;
  usage: TokenUsage;
  costUsd: string | null;
  /** USD that an answer would have cost which came from another request; null for all that were sent themselves. */
  savedUsd?: string | null;
  tags: string[];
  startedAt: Date;
  durationMs: number;
  firstContentMs: number | null;
  attempts: AttemptRecord[];
  /** One for every budget window that the request took from; none where no budget applies. */
  charges: readonly BudgetCharge[];
}

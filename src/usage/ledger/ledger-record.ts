import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { Surface } from '../../core/call-context.js';

/** How an admitted request ended. `abandoned` is written by others, for a process that died. */
export type RequestStatus = 'succeeded' | 'failed' | 'aborted' | 'abandoned';

export type Operation = 'chat' | 'embeddings';

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
  tags: string[];
  startedAt: Date;
  durationMs: number;
  firstContentMs: number | null;
  attempts: AttemptRecord[];
}

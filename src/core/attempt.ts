import type { TokenUsage } from './chat/token-usage.js';

/** How an attempt ended. `aborted` means that we cancelled it (client gone, deadline). */
export type AttemptOutcome = 'succeeded' | 'failed' | 'aborted';

/** `hedge`: another target was silent for unusually long. `continuation`: it writes the rest of an answer that broke off. */
export type AttemptPurpose = 'hedge' | 'continuation';

/** One request dispatched upstream. Filled in by the attempt planner; read by the ledger, metrics and answer headers. */
export interface Attempt {
  readonly id: string;
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly model: string;
  /** A hash of the credential that was used, never the credential; null where none is needed. */
  readonly credential: string | null;
  /** Wall-clock milliseconds at dispatch. */
  readonly startedAt: number;
  outcome: AttemptOutcome | null;
  /** The provider error's kind, from a closed set, when the outcome is not a success. */
  errorKind: string | null;
  /** True once there was a connection and the request went out on it. */
  wasSent: boolean;
  /** True once the provider had answered with anything at all: a status, a first byte. Silence may still cost a prompt. */
  hasResponded: boolean;
  durationMs: number | null;
  firstContentMs: number | null;
  /** Why there is this one beside or behind another; absent of first attempts and of those after a failure. */
  purpose?: AttemptPurpose;
  /** True when something of its answer was malformed and left out. */
  hasGaps?: boolean;
  /** What the provider reported, or what was counted for it; null until known or when nothing is billed. */
  usage: TokenUsage | null;
  /** Text the provider delivered, in characters, for estimates when it reports no usage. */
  deliveredCharacters: number;
  /** Prompt tokens that we added to the client's request, by our count, for the same estimates. */
  addedPromptTokens?: number;
}

import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { TokenDemand } from './token-demand.js';

/** The right to have one request under way at a provider. It is given back once; what is said after that has no effect. */
export interface LimitSlot {
  /** Nothing was sent: all of it goes back. */
  cancel(): void;
  /** The request is over: what the provider reported of it, if anything, and how much of the answer came. */
  release(usage: TokenUsage | null, deliveredCharacters: number): void;
}

/** A request that wants a slot. */
export interface SlotRequest {
  /** Whose it is: projects take turns. */
  readonly project: string;
  /** What it will use; null where tokens are not limited. */
  readonly demand: TokenDemand | null;
}

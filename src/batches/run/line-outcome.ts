import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { EndpointUrl } from '../endpoints.js';

/** A line that somebody is at work on. */
export interface TakenLine {
  readonly ordinal: number;
  readonly customId: string;
  readonly url: EndpointUrl;
  /** The body as JSON. */
  readonly body: string;
}

/** What became of a line. */
export interface LineOutcome {
  readonly ordinal: number;
  readonly isSuccess: boolean;
  /** The result as clients read it: one line of JSON. */
  readonly result: string;
  readonly usage: TokenUsage | null;
  /** USD as a decimal string; null where it is not known. */
  readonly costUsd: string | null;
}

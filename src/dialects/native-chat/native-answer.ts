import type { FinishReason } from '../../core/chat/chat-event.js';
import { type TokenUsage, totalInputTokens, totalOutputTokens } from '../../core/chat/token-usage.js';
import type { JsonObject } from '../../core/json.js';

/** What the call knows about its answer, beyond the answer itself, by the time it is asked. */
export interface NativeAnswerFacts {
  requestId: string;
  /** The conversation that keeps the turn; null when none does. */
  conversationId: string | null;
  /** The configured name of the provider that answered; null while unknown. */
  provider: string | null;
  /** A decimal string; null while unknown or unpriced. */
  costUsd: string | null;
  latencyMs: number;
  warnings: readonly string[];
  /** Whether it was read from a cache. */
  isCached: boolean;
}

const NAMES: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'other',
};

/** Why the answer ended, in the words of the native routes. */
export function toNativeFinishReason(reason: FinishReason | null): string {
  return reason === null ? 'stop' : NAMES[reason];
}

/** Token counts as native routes give them: input includes cached, output includes reasoning. */
export function renderNativeUsage(usage: TokenUsage | null): JsonObject | null {
  if (!usage) return null;
  const input = totalInputTokens(usage);
  const output = totalOutputTokens(usage);
  return {
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: usage.cachedInput,
    reasoning_tokens: usage.reasoning,
    total_tokens: input + output,
  };
}

/** Money as a JSON number. */
export function toNumber(costUsd: string | null): number | null {
  return costUsd === null ? null : Number(costUsd);
}

/** Warnings of the call and of the answer, each once. */
export function mergeWarnings(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])];
}

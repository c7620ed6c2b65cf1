import { tokenUsage, type TokenUsage } from '../../core/chat/token-usage.js';

/** What a conversation is expected to be like. Tokens are whole numbers. */
export interface ConversationShape {
  readonly turns: number;
  /** Instructions that are sent with every turn. */
  readonly systemTokens: number;
  /** What the user adds in a turn. */
  readonly inputTokensPerTurn: number;
  readonly outputTokensPerTurn: number;
  /** Whether every turn sends all earlier ones along. */
  readonly sendsHistory: boolean;
  /** The part of what was sent before that the provider reads from its prompt cache, from 0 to 1. */
  readonly cachedShare: number;
}

/** The usage of each turn of a conversation: one request each, whose prompt grows with the history. */
export function usageOfTurns(shape: ConversationShape): TokenUsage[] {
  const { turns, systemTokens, inputTokensPerTurn, outputTokensPerTurn, sendsHistory, cachedShare } = shape;
  return Array.from({ length: turns }, (_, earlierTurns) => {
    const history = sendsHistory ? earlierTurns * (inputTokensPerTurn + outputTokensPerTurn) : 0;
    // Nothing is in the cache before the first turn was sent.
    const sentBefore = earlierTurns === 0 ? 0 : systemTokens + history;
    const cachedInput = Math.floor(sentBefore * cachedShare);
    const input = systemTokens + history + inputTokensPerTurn - cachedInput;
    return tokenUsage({ input, cachedInput, output: outputTokensPerTurn });
  });
}

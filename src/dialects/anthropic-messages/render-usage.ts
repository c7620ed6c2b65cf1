import { tokenUsage, type TokenUsage, totalOutputTokens } from '../../core/chat/token-usage.js';
import type { JsonObject } from '../../core/json.js';

/**
 * Anthropic's counts: `input_tokens` are those that no cache had to do with, `output_tokens` include thinking. All zero
 * where nothing is known.
 */
export function renderCounts(usage: TokenUsage | null): JsonObject {
  const known = usage ?? tokenUsage();
  return {
    input_tokens: known.input + known.imageInput + known.audioInput,
    cache_creation_input_tokens: known.cacheWrite5m + known.cacheWrite1h,
    cache_read_input_tokens: known.cachedInput,
    output_tokens: totalOutputTokens(known),
    output_tokens_details: { thinking_tokens: known.reasoning },
    server_tool_use: null,
  };
}

/** The `usage` of a message. */
export function renderMessageUsage(usage: TokenUsage | null): JsonObject {
  return {
    ...renderCounts(usage),
    cache_creation: {
      ephemeral_5m_input_tokens: usage?.cacheWrite5m ?? 0,
      ephemeral_1h_input_tokens: usage?.cacheWrite1h ?? 0,
    },
    service_tier: null,
    inference_geo: null,
    speed: null,
  };
}

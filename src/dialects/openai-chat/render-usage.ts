import { type TokenUsage, totalInputTokens, totalOutputTokens } from '../../core/chat/token-usage.js';
import type { JsonObject } from '../../core/json.js';

/** OpenAI's usage object: prompt tokens include the cached ones, completion tokens include reasoning. */
export function renderOpenAiUsage(usage: TokenUsage): JsonObject {
  const prompt = totalInputTokens(usage);
  const completion = totalOutputTokens(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInput,
      audio_tokens: usage.audioInput,
      cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

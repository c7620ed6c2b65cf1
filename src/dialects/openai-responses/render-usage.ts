import { type TokenUsage, totalInputTokens, totalOutputTokens } from '../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

/** The usage of a response: input tokens include the cached ones, output tokens include reasoning. */
export function renderResponseUsage(usage: TokenUsage): JsonObject {
  const input = totalInputTokens(usage);
  const output = totalOutputTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cachedInput,
      cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + output,
  };
}

/** A provider's own usage with what older servers leave out of it; null for what is none. */
export function mendResponseUsage(usage: JsonValue | undefined): JsonObject | null {
  if (!isJsonObject(usage)) return null;
  const { input_tokens: input, output_tokens: output } = usage;
  if (typeof input !== 'number' || typeof output !== 'number') return null;
  return {
    total_tokens: input + output,
    ...usage,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, ...objectOf(usage.input_tokens_details) },
    output_tokens_details: { reasoning_tokens: 0, ...objectOf(usage.output_tokens_details) },
  };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

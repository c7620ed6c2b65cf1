import type { TokenUsage } from '../../../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../core/json.js';
import { mapUsage } from '../map-usage.js';

/** The `usage` of a response in disjoint classes; null when there is none or any number in it is absurd. */
export function mapResponseUsage(usage: JsonValue | undefined): TokenUsage | null {
  if (!isJsonObject(usage)) return null;
  return mapUsage({
    prompt_tokens: usage.input_tokens,
    prompt_tokens_details: usage.input_tokens_details,
    completion_tokens: usage.output_tokens,
    completion_tokens_details: usage.output_tokens_details,
    total_tokens: usage.total_tokens,
  });
}

/** A plausible usage with all that a strict client expects in it; itself when there is nothing to mend. */
export function mendResponseUsage(usage: JsonObject): JsonObject {
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
  const inputDetails = withCounts(usage.input_tokens_details, ['cached_tokens', 'cache_write_tokens']);
  const outputDetails = withCounts(usage.output_tokens_details, ['reasoning_tokens']);
  const isWhole = typeof output === 'number' && typeof total === 'number';
  if (isWhole && inputDetails === usage.input_tokens_details && outputDetails === usage.output_tokens_details)
    return usage;
  return {
    ...usage,
    input_tokens_details: inputDetails,
    output_tokens: output ?? 0,
    output_tokens_details: outputDetails,
    total_tokens: typeof total === 'number' ? total : Number(input) + Number(output ?? 0),
  };
}

function withCounts(details: JsonValue | undefined, names: readonly string[]): JsonObject {
  if (isJsonObject(details) && names.every((name) => typeof details[name] === 'number')) return details;
  return { ...Object.fromEntries(names.map((name) => [name, 0])), ...(isJsonObject(details) && details) };
}

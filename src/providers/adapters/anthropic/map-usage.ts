import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

const MOST_TOKENS = 1_000_000_000;
const PROMPT_COUNTS = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'] as const;

/**
 * Usage as it grows through a stream: counts are cumulative, so a later one replaces an earlier one. The prompt's counts
 * never shrink, because some servers repeat them as zero at the end.
 */
export function mergeUsage(earlier: JsonObject, later: JsonValue | undefined): JsonObject {
  if (!isJsonObject(later)) return earlier;
  const merged: JsonObject = { ...earlier };
  for (const [name, value] of Object.entries(later)) {
    if (value !== null && value !== undefined) merged[name] = value;
  }
  for (const name of PROMPT_COUNTS) {
    if (later[name] === 0 && earlier[name] !== undefined) merged[name] = earlier[name];
  }
  return merged;
}

/**
 * Anthropic's `usage` in disjoint classes. Null when there is none, or when any number in it is absurd (negative, not
 * whole, no number, past a thousand million, or a part larger than its whole): such a usage is counted by us instead.
 */
export function mapUsage(usage: JsonValue | undefined): TokenUsage | null {
  if (!isJsonObject(usage)) return null;
  const { cache_creation: written, output_tokens_details: details } = usage;
  const counts = {
    input: count(usage.input_tokens),
    cachedInput: count(usage.cache_read_input_tokens ?? 0),
    cacheWrite: count(usage.cache_creation_input_tokens ?? sumOf(partsOf(written))),
    cacheWrite1h: count(partsOf(written).ephemeral_1h_input_tokens ?? 0),
    allOutput: count(usage.output_tokens),
    reasoning: count(partsOf(details).thinking_tokens ?? 0),
  };
  return isWhole(counts) ? disjoint(counts) : null;
}

/**
 * What a stream says of its prompt before the answer begins, marked as estimated because the answer is not in it: the bill of
 * a stream that breaks, in the classes that we could not count ourselves. Null as `mapUsage`.
 */
export function mapPromptUsage(usage: JsonObject): TokenUsage | null {
  const whole = mapUsage({ ...usage, output_tokens: 0, output_tokens_details: null });
  return whole && { ...whole, estimated: true };
}

type Counts = Record<'input' | 'cachedInput' | 'cacheWrite' | 'cacheWrite1h' | 'allOutput' | 'reasoning', number>;

function isWhole(counts: Record<keyof Counts, number | null>): counts is Counts {
  return Object.values(counts).every((number) => number !== null);
}

function disjoint({ input, cachedInput, cacheWrite, cacheWrite1h, allOutput, reasoning }: Counts): TokenUsage | null {
  const cacheWrite5m = cacheWrite - cacheWrite1h;
  const output = allOutput - reasoning;
  if (cacheWrite5m < 0 || output < 0) return null;
  return tokenUsage({ input, cachedInput, cacheWrite5m, cacheWrite1h, output, reasoning });
}

function sumOf(written: JsonObject): JsonValue {
  const short = count(written.ephemeral_5m_input_tokens ?? 0);
  const long = count(written.ephemeral_1h_input_tokens ?? 0);
  return short === null || long === null ? null : short + long;
}

function partsOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function count(value: JsonValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : null;
}

import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

const MOST_TOKENS = 1_000_000_000;

/**
 * OpenAI's `usage` in disjoint classes. Null when there is none, or when any number in it is absurd (negative, not whole,
 * no number, past a thousand million, or a part larger than its whole): such a usage is counted by us instead.
 */
export function mapUsage(usage: JsonValue | undefined): TokenUsage | null {
  if (!isJsonObject(usage)) return null;
  const prompt = count(usage.prompt_tokens);
  const completion = count(usage.completion_tokens ?? 0);
  const inputParts = partsOf(usage.prompt_tokens_details);
  const outputParts = partsOf(usage.completion_tokens_details);
  const cached = count(inputParts.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? 0);
  const written = count(inputParts.cache_write_tokens ?? 0);
  const audioInput = count(inputParts.audio_tokens ?? 0);
  const reasoning = count(outputParts.reasoning_tokens ?? 0);
  const audioOutput = count(outputParts.audio_tokens ?? 0);
  const counts = [prompt, completion, cached, written, audioInput, reasoning, audioOutput];
  if (!counts.every((number) => number !== null)) return null;
  return disjoint({ prompt, completion, cached, written, audioInput, reasoning, audioOutput } as Counts, usage);
}

interface Counts {
  prompt: number;
  completion: number;
  cached: number;
  written: number;
  audioInput: number;
  reasoning: number;
  audioOutput: number;
}

function disjoint(counts: Counts, usage: JsonObject): TokenUsage | null {
  const { prompt, completion, cached, written, audioInput, reasoning, audioOutput } = counts;
  // Some compatible servers count reasoning beside the completion; their total tells.
  const isBeside = reasoning > 0 && usage.total_tokens === prompt + completion + reasoning;
  const input = prompt - cached - written - audioInput;
  const output = completion - audioOutput - (isBeside ? 0 : reasoning);
  if (input < 0 || output < 0) return null;
  return tokenUsage({ input, cachedInput: cached, cacheWrite5m: written, audioInput, output, reasoning, audioOutput });
}

function partsOf(details: JsonValue | undefined): JsonObject {
  return isJsonObject(details) ? details : {};
}

function count(value: JsonValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : null;
}

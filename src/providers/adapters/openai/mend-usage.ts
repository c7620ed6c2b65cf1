import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

const DETAILS: readonly string[] = ['prompt_tokens_details', 'completion_tokens_details'];

/**
 * A plausible usage as OpenAI would have written it, so that it can be relayed to a strict client: with its total, and
 * without details that are null. The usage itself when there is nothing to mend.
 */
export function mendUsage(usage: JsonObject): JsonObject {
  const { prompt_tokens: prompt, completion_tokens: completion = 0, total_tokens: total } = usage;
  const isWhole = isCount(completion) && usage.completion_tokens !== undefined && isCount(total);
  if (isWhole && DETAILS.every((name) => usage[name] === undefined || isJsonObject(usage[name]))) return usage;
  const kept = Object.entries(usage).filter(([name, value]) => isJsonObject(value) || !DETAILS.includes(name));
  const counts = { completion_tokens: completion ?? 0, total_tokens: total };
  if (!isCount(total)) counts.total_tokens = Number(prompt) + Number(counts.completion_tokens);
  return { ...Object.fromEntries(kept), ...counts };
}

function isCount(value: JsonValue | undefined): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

import type { LogprobEntry } from '../../../core/chat/chat-event.js';
import { asNumber } from '../../../core/exact-number.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

/** Gemini's `logprobsResult` as OpenAI's entries, one for each token; undefined when there is none. */
export function toLogprobs(result: JsonValue | undefined): LogprobEntry[] | undefined {
  if (!isJsonObject(result) || !Array.isArray(result.chosenCandidates)) return undefined;
  const tops = Array.isArray(result.topCandidates) ? result.topCandidates : [];
  const entries = result.chosenCandidates.flatMap((chosen, position) => {
    const top = tops[position];
    const alternatives = isJsonObject(top) && Array.isArray(top.candidates) ? top.candidates.filter(isJsonObject) : [];
    return isJsonObject(chosen) ? [{ ...toEntry(chosen), top_logprobs: alternatives.map(toEntry) }] : [];
  });
  return entries.length > 0 ? entries : undefined;
}

function toEntry({ token, logProbability }: JsonObject): { token: string; logprob: number; bytes: number[] } {
  const text = typeof token === 'string' ? token : '';
  return {
    token: text,
    logprob: asNumber(logProbability) ?? 0,
    bytes: [...Buffer.from(text)],
  };
}

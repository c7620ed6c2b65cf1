import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

/** Log probabilities of Chat Completions as the Responses API has them: a token without bytes has an empty list. */
export function toResponseLogprobs(entries: readonly unknown[]): JsonObject[] {
  return entries.filter(isJsonObject).map((entry) => ({
    ...toEntry(entry),
    top_logprobs: listOf(entry.top_logprobs).filter(isJsonObject).map(toEntry),
  }));
}

function toEntry({ token, logprob, bytes }: JsonObject): JsonObject {
  return { token: token ?? '', logprob: logprob ?? 0, bytes: listOf(bytes) };
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

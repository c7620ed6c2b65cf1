import type { LogprobEntry } from '../../../../core/chat/chat-event.js';
import { asNumber } from '../../../../core/exact-number.js';
import { isJsonObject, type JsonValue } from '../../../../core/json.js';

/** The `logprobs` of a legacy completion as the entries of chat, one for each token; empty when there are none. */
export function fromLegacyLogprobs(logprobs: JsonValue | undefined): LogprobEntry[] {
  if (!isJsonObject(logprobs) || !Array.isArray(logprobs.tokens)) return [];
  const { tokens, token_logprobs: odds, top_logprobs: alternatives } = logprobs;
  return tokens.map((token, index) => ({
    ...toEntry(token, Array.isArray(odds) ? odds[index] : null),
    top_logprobs: toAlternatives(Array.isArray(alternatives) ? alternatives[index] : null),
  }));
}

// The first token of an echoed prompt has no probability.
function toEntry(
  token: JsonValue,
  logprob: JsonValue | undefined,
): { token: string; logprob: number; bytes: number[] } {
  const text = typeof token === 'string' ? token : '';
  return { token: text, logprob: asNumber(logprob) ?? 0, bytes: [...Buffer.from(text)] };
}

function toAlternatives(alternatives: JsonValue | undefined): LogprobEntry[] {
  if (!isJsonObject(alternatives)) return [];
  return Object.entries(alternatives).map(([token, logprob]) => toEntry(token, logprob));
}

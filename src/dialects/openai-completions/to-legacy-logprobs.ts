import type { LogprobEntry } from '../../core/chat/chat-event.js';
import { asNumber } from '../../core/exact-number.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';

/**
 * Entries of chat, one for each token, in the four lists of a legacy completion; null when there are none. Their text begins
 * `offset` characters into the choice's.
 */
export function toLegacyLogprobs(entries: readonly LogprobEntry[] | undefined, offset: number): JsonObject | null {
  if (entries === undefined || entries.length === 0) return null;
  const read = entries.map((entry) => (isJsonObject(entry) ? entry : {}));
  const tokens = read.map(({ token }) => textOf(token));
  let position = offset;
  return {
    tokens,
    token_logprobs: read.map(({ logprob }) => asNumber(logprob) ?? 0),
    top_logprobs: read.map(({ top_logprobs: top }) => toOdds(top)),
    text_offset: tokens.map((token) => {
      const start = position;
      position += token.length;
      return start;
    }),
  };
}

function toOdds(alternatives: JsonValue | undefined): JsonObject {
  if (!Array.isArray(alternatives)) return {};
  const read = alternatives.filter(isJsonObject);
  return Object.fromEntries(read.map(({ token, logprob }) => [textOf(token), asNumber(logprob) ?? 0]));
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

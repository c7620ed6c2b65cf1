import { isJsonObject, type JsonObject } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';

// What says how to answer, and not what is asked; the API refuses it where nothing is answered.
const OF_ANSWERS = [
  ...['max_tokens', 'stream', 'temperature', 'top_p', 'top_k', 'stop_sequences', 'metadata', 'service_tier'],
  ...['container', 'inference_geo', 'diagnostics'],
];

/** The body for `/v1/messages/count_tokens`, from the one for `/v1/messages`. */
export function toCountBody(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !OF_ANSWERS.includes(name)));
}

/** The count in a reply; throws `malformed` when there is none. */
export function readCount(reply: unknown): number {
  const tokens = isJsonObject(reply) ? reply.input_tokens : null;
  if (typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
  throw new ProviderError('malformed', "The provider's answer holds no count of tokens.");
}

import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';

/**
 * Tells whether a request is of the kind whose answer another attempt may end: a stream of one plain text. Several choices,
 * log probabilities, sound and JSON that has to be whole are not.
 */
export function isContinuable({ stream, choices = 1, logprobs, responseFormat, source }: ChatRequest): boolean {
  if (!stream || choices > 1 || logprobs === true) return false;
  if (responseFormat && responseFormat.type !== 'text') return false;
  if (source?.dialect === 'openai-completions' && !isPlainText(source.body)) return false;
  const modalities = source?.body.modalities;
  return !(Array.isArray(modalities) && modalities.includes('audio'));
}

// What is known by its tokens alone, goes before another text or is the best of several, nobody else can go on with.
function isPlainText({ prompt, suffix, best_of: best }: JsonObject): boolean {
  const only = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  return typeof only === 'string' && (suffix ?? '') === '' && (best ?? 1) === 1;
}

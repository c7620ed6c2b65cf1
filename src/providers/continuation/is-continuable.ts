import type { ChatRequest } from '../../core/chat/chat-request.js';

/**
 * Tells whether a request is of the kind whose answer another attempt may end: a stream of one plain text. Several choices,
 * log probabilities, sound and JSON that has to be whole are not.
 */
export function isContinuable({ stream, choices = 1, logprobs, responseFormat, source }: ChatRequest): boolean {
  if (!stream || choices > 1 || logprobs === true) return false;
  if (responseFormat && responseFormat.type !== 'text') return false;
  const modalities = source?.body.modalities;
  return !(Array.isArray(modalities) && modalities.includes('audio'));
}
